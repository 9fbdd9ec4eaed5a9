export const meta = { name: 'skipped-agents', description: 'An agent that is skipped gives null' }
const [a, b, c] = await parallel(['a', 'b', 'c'].map((x) => () => agent(`do ${x}`, { label: x })))
log(`b is ${b}`)
const text = await agent('do d', { label: 'd' })
return { a, b, c: c ?? 'default', d: text?.length ?? -1, kept: [a, b, c].filter(Boolean).length }
