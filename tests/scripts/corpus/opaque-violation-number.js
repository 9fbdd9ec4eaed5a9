export const meta = { name: 'violation', description: 'Looks inside an opaque value: number' }
const text = await agent('read', { label: 'page' })
const result = Number(text)
return result
