export const meta = { name: 'violation', description: 'Looks inside an opaque value: length' }
const text = await agent('read', { label: 'page' })
const result = text.length > 3
return result
