export const meta = { name: 'violation', description: 'Looks inside an opaque value: parse' }
const text = await agent('read', { label: 'page' })
const result = JSON.parse(text)
return result
