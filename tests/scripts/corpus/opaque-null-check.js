export const meta = { name: 'opaque-null-check', description: 'The usual null checks work: a value is an object, and null is null' }
const texts = await parallel(['a', 'b'].map((x) => () => agent(x, { label: x })))
const kept = texts.filter(Boolean)
const joined = kept.length ? `${kept}` : 'none'
const through = await pipeline(kept, (t) => (t ? agent(`again ${t}`) : null), (t) => t ?? 'gone')
await agent(`${joined} ${through.at(0)}`)
return kept.length
