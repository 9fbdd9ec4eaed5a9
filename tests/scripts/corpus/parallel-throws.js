export const meta = { name: 'parallel-throws', description: 'A throwing function becomes null' }
const results = await parallel([
  () => agent('fine'),
  () => { throw new Error('at once') },
  async () => { await agent('first'); throw new TypeError('later') },
  () => Promise.reject('no error object'),
  () => 5,
  () => undefined,
  async () => (await agent('deep')).missing.field,
])
return results.map((r) => r === undefined ? 'undefined' : r)
