export const meta = { name: 'violation', description: 'Looks inside an opaque value: split' }
const text = await agent('read', { label: 'page' })
const result = text.split(' ')
return result
