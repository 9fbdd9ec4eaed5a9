export const meta = { name: 'parallel-misused', description: 'What is no list of functions' }
const attempt = async (call) => { try { return await call() } catch (error) { return error.constructor.name } }
return [
  await attempt(() => parallel('abc')),
  await attempt(() => parallel()),
  await attempt(() => parallel([() => 1, 2])),
  await attempt(() => pipeline({ length: 1 }, (x) => x)),
  await attempt(() => pipeline([1], agent('not a function'))),
  await attempt(() => parallel(Array.from({ length: 9 }, () => () => 1))),
  await attempt(() => pipeline(Array(9).fill(0), (x) => x)),
  await attempt(() => parallel(Array.from({ length: 8 }, () => () => 1))),
]
