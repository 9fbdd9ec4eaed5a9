export const meta = { name: 'opaque-workflow', description: 'Opaque values as arguments of a workflow, and its value' }
const text = await agent('read')
const value = await workflow('inner', { text, note: `about ${text}`, n: 1 })
await agent(`Use ${value}`)
return null
