export const meta = { name: 'doc-audit', description: 'Checks the links and dates that an agent lists' }
const text = await agent('List every link of the docs, one a line, as [title](address) – date')
const LINE = /^\s*[-*]?\s*\[(?<title>[^\]]+)\]\((?<address>https?:\/\/[^)\s]+)\)\s*[–-]\s*(?<date>\d{4}-\d{2}-\d{2})\s*$/u
const links = text.split('\n').map((line) => line.match(LINE)?.groups).filter(Boolean).map((g) => ({ ...g }))
const names = links.map(({ title }) => title.replace(/\p{Lu}/gu, (c) => `_${c.toLowerCase()}`))
const old = links.filter(({ date }) => new Date(date) < new Date('2025-01-01'))
log(`${links.length} links, ${old.length} old:`, names)
const checks = await pipeline(old, (l) => agent(`Is ${l.address} still right?`, { label: l.title }), (answer, { title }) => `${title}: ${answer}`)
const words = [...text.matchAll(/\b(\w)(\w*)\b/g)].slice(0, 3).map(([, head, tail]) => head.toUpperCase() + tail)
return { checks, sticky: /a/y.test('ba'), words, swapped: 'b a'.replace(/(?<x>\w) (?<y>\w)/, '$<y> $<x>') }
