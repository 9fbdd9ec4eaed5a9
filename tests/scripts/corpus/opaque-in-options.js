export const meta = { name: 'opaque-in-options', description: 'What decides how an agent runs cannot be untrusted; what is only shown, shows a name' }
const text = await agent('read', { label: 'reader' })
const refused = []
for (const opts of [{ model: `${text}` }, { agentType: text }, { schema: { type: 'object', properties: { a: { enum: [`${text}`] } } } }, { tools: [text] }]) {
  refused.push(await agent('x', opts).then(() => false, (e) => e instanceof TypeError))
}
phase(`Phase ${text}`)
await agent('shown', { label: `about ${text}`, phase: `${text}` })
return refused
