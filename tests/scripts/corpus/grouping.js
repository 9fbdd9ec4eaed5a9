export const meta = { name: 'grouping', description: 'Sets, maps, and the newer methods of lists' }
const { tags } = await agent('Tags?', { schema: { type: 'object', properties: { tags: { type: 'array', items: { type: 'string' } } } } })
const unique = [...new Set(tags.map((t) => t.toLowerCase().normalize('NFC')))]
const groups = unique.reduce((acc, t) => ({ ...acc, [t[0]]: [...(acc[t[0]] ?? []), t] }), {})
const sorted = unique.toSorted((a, b) => a.localeCompare(b))
const both = new Set(['a', 'b'].filter((x) => new Set(['b', 'c']).has(x)))
label: for (const a of unique) { for (const b of sorted) { if (a === b && a.length > 3) { log(a); break label } } }
const { a: { length: as } = [], ...others } = groups
return { unique, as, others: Object.keys(others), last: sorted.at(-1), both: [...both], found: sorted.findLast((t) => t < 'c'), nested: [[1, [2]]].flat(Infinity), big: Number(2n ** 40n), and: (0 || null) ?? 'x' }
