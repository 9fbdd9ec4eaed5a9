export const meta = { name: 'opaque-reveal-refused', description: 'A refused reveal is an error' }
const text = await agent('read')
try {
  return await reveal(text)
} catch (error) {
  return `denied: ${error.message.includes('ask the operator')}`
}
