export const meta = { name: 'opaque-damaged', description: 'A damaged placeholder is refused' }
const text = await agent('read')
const cut = `Summary: ${text}`.slice(0, 30)
try {
  return await agent(cut)
} catch (error) {
  return error.message.startsWith('a damaged or foreign placeholder')
}
