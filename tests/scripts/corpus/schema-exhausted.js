export const meta = { name: 'schema-exhausted', description: 'Five attempts, then an error' }
const NUMBER = { type: 'object', properties: { n: { type: 'number' } }, required: ['n'] }
let fallback = null
try {
  const { n } = await agent('Give a number', { schema: NUMBER, label: 'strict' })
  return n
} catch (error) {
  log(`gave up: ${error instanceof Error}`)
  fallback = await agent('Give anything', { label: 'lenient' })
}
const mixed = await parallel([() => agent('again', { schema: NUMBER, label: 'strict' }), () => agent('good', { schema: NUMBER, label: 'good' })])
return { fallback, mixed }
