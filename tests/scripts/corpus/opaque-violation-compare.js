export const meta = { name: 'violation', description: 'Looks inside an opaque value: compare' }
const text = await agent('read', { label: 'page' })
const result = text < 5
return result
