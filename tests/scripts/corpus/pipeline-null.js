export const meta = { name: 'pipeline-null', description: 'null ends the walk of an item; other empty values do not' }
const later = []
const results = await pipeline(
  ['null', 'undefined', 'false', 'zero', 'text', 'skipped'],
  (item) => ({ null: null, undefined: undefined, false: false, zero: 0, text: '' })[item] ?? (item === 'skipped' ? agent('x', { label: 'skipped' }) : item === 'null' ? null : undefined),
  (previous, item) => { later.push(item); return previous === undefined ? 'was undefined' : previous },
  (previous, item, index) => `${index}:${item}:${previous}`,
)
return { results, later }
