export const meta = { name: 'unknown-agent-type', description: 'A type that is made at run time and does not exist' }
const types = ['review', 'no'].map((name) => `${name}er`)
const out = []
for (const agentType of types) out.push(await agent('x', { agentType }).catch((e) => e instanceof Error))
return out
