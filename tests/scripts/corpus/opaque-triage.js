export const meta = { name: 'opaque-triage', description: 'Closed fields decide, open ones go by reference' }
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
const rows = await parallel([1, 2].map((n) => () => agent(`Triage issue ${n}`, { label: `issue ${n}`, schema: TRIAGE })))
const bugs = rows.filter((r) => r.kind === 'bug' && r.urgent && r.priority <= 2)
log(`${bugs.length} urgent bugs; the first: ${bugs[0].summary}`)
const reply = await agent(`Reply to: ${bugs[0].summary}\n(confidence ${bugs[0].confidence})`, { label: `reply to ${bugs[0].kind}` })
return { kinds: rows.map((r) => r.kind), reply }
