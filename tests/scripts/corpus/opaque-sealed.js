export const meta = { name: 'opaque-sealed', description: 'Where no bits are left for the outcome, the answer is opaque as a whole' }
const answer = await agent('read', { schema: { type: 'object', properties: { ok: { type: 'boolean' } } } })
await agent(`Look at ${answer}`)
return typeof answer
