export const meta = { name: 'too-many-items', description: 'A list past 4,096 items throws, and one at the limit does not' }
const many = Array.from({ length: 4097 }, (_, i) => i)
const tried = []
for (const call of [() => parallel(many.map((n) => () => n)), () => pipeline(many, (n) => n)]) {
  try { await call() } catch (error) { tried.push(error.name) }
}
const fits = await pipeline(many.slice(1), (n) => n + 1, (n, item, index) => n - item - index)
return [...tried, fits.length, fits[0], fits.at(-1)]
