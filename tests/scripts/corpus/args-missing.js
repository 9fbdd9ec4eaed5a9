export const meta = { name: 'args-missing', description: 'Without a launch argument args is undefined' }
const { depth = 3, files = ['a'] } = args ?? {}
const topic = args?.topic || 'everything'
const said = await agent(`Look ${depth} levels into ${files.join()} for ${topic}`, { label: typeof args })
return { said, args }
