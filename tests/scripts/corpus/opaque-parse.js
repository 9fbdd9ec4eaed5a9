export const meta = { name: 'opaque-parse', description: 'JSON.parse of a composed text gives the opaque values back' }
const text = await agent('read')
const round = JSON.parse(JSON.stringify({ items: [{ text, n: 1 }], mixed: `x${text}` }), (key, value) => (key === 'n' ? value + 1 : value))
await agent(`${round.items[0].text}/${round.items[0].n}/${round.mixed}`)
return structuredClone(round).items[0].n
