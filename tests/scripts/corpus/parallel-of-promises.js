export const meta = { name: 'parallel-of-promises', description: 'Promises instead of functions are an error' }
const results = await parallel([agent('a', { label: 'a' }), agent('b', { label: 'b' })])
return results
