export const meta = { name: 'opaque-failures', description: 'null and errors come through; their text is fixed' }
const gone = await agent('skipped', { label: 'skipped' })
const dead = await agent('dead', { label: 'dead' })
let message = ''
try {
  await agent('strict', { label: 'strict', schema: { type: 'object', properties: { a: { type: 'string' } } } })
} catch (error) {
  message = error.message
}
return { gone, dead, message }
