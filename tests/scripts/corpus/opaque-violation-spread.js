export const meta = { name: 'violation', description: 'Looks inside an opaque value: spread' }
const text = await agent('read', { label: 'page' })
const result = [...text]
return result
