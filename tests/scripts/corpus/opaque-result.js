export const meta = { name: 'opaque-result', description: 'Opaque parts of the result are composed by the host' }
const a = await agent('a')
const b = await agent('b')
return { plain: 1, whole: a, mixed: `see ${a} and ${b}`, list: [b, { 'k/~': a }] }
