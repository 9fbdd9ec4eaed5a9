export const meta = { name: 'data-shapes', description: 'Map, Set, sorting, grouping, generators of values and dates of args' }
const { items, at } = args
const byKind = items.reduce((all, { kind, id }) => ({ ...all, [kind]: [...(all[kind] ?? []), id] }), {})
const seen = new Set(items.map((item) => item.id))
const ranks = new Map(items.map(({ id, rank = 0 }) => [id, rank]))
const top = items.toSorted((a, b) => ranks.get(b.id) - ranks.get(a.id) || a.id.localeCompare(b.id))
const results = await pipeline(top.slice(0, 2), (item) => agent(`Look at ${item.id}`, { label: item.id }),
  (said, { id }, index) => ({ id, index, said }))
const { length, 0: first, ...others } = results
return {
  kinds: Object.fromEntries(Object.entries(byKind).map(([kind, all]) => [kind, all.length])),
  size: seen.size, first, length: results.length, others: Object.keys(others), has: seen.has('b'),
  day: new Date(at).toISOString().slice(0, 10), big: (2n ** 64n).toString(),
  flat: [[1, [2]], [3]].flat(Infinity), last: [1, 2, 3].findLast((n) => n < 3), nested: items.at(-1)?.more?.deep ?? 'none',
}
