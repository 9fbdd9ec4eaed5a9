export const meta = { name: 'violation', description: 'Looks inside an opaque value: in' }
const text = await agent('read', { label: 'page' })
const result = 'a' in text
return result
