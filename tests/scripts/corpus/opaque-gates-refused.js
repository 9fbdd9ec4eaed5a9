export const meta = { name: 'opaque-gates-refused', description: 'Without a gate, closed fields stay opaque' }
const TRIAGE = {
  type: 'object',
  properties: {
    kind: { enum: ['bug', 'feature', 'spam'] },
    urgent: { type: 'boolean' },
    priority: { type: 'integer', minimum: 1, maximum: 5 },
    summary: { type: 'string' },
    confidence: { type: 'number' },
  },
  required: ['kind', 'urgent', 'priority', 'summary'],
}
const row = await agent('Triage', { schema: TRIAGE, label: 'issue' })
await agent(`Sort by kind: ${row.kind} ${row.priority}`)
return Object.keys(row)
