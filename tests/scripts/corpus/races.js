export const meta = { name: 'races', description: 'The first answer counts; the others are abandoned' }
const first = await Promise.race(['a', 'b', 'c'].map((x) => agent(`race ${x}`, { label: x })))
const any = await Promise.any([agent('fails', { label: 'bad', schema: { type: 'object' } }), agent('works', { label: 'good' })])
const settled = await Promise.allSettled([agent('fails', { label: 'bad', schema: { type: 'object' } }), agent('works', { label: 'good' })])
return { first, any, settled: settled.map((s) => s.status) }
