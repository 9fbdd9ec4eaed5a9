export const meta = { name: 'violation', description: 'Looks inside an opaque value: index' }
const text = await agent('read', { label: 'page' })
const result = text[0]
return result
