export const meta = { name: 'opaque-violation-caught', description: 'Nothing catches a quarantine violation' }
const { summary } = await agent('read', { label: 'page', schema: { type: 'object', properties: { summary: { type: 'string' } } } })
const results = await parallel([
  () => agent('other'),
  async () => {
    try {
      return summary.includes('urgent')
    } catch {
      await agent('caught it')
      for (;;) { /* and goes on for ever */ }
    } finally {
      log('finally')
    }
  },
])
return results
