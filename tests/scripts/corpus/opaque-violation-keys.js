export const meta = { name: 'violation', description: 'Looks inside an opaque value: keys' }
const text = await agent('read', { label: 'page' })
const result = Object.keys(text)
return result
