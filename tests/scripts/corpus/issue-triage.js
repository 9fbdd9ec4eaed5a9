export const meta = { name: 'issue-triage', description: 'Sorts open issues', phases: [{ title: 'Classify' }, { title: 'Report' }] }
const issues = Array.isArray(args) ? args : (args?.issues ?? [])
const KIND = {
  type: 'object',
  properties: {
    kind: { enum: ['bug', 'feature', 'question', 'spam'] },
    urgent: { type: 'boolean' },
    score: { type: 'integer', minimum: 0, maximum: 10 },
  },
  required: ['kind', 'urgent', 'score'],
}
phase('Classify')
const labels = await parallel(
  issues.map(({ number, title, body = '' }) => () =>
    agent(`Classify issue #${number}: ${title}\n\n${body.slice(0, 40)}`, { label: `#${number}`, schema: KIND }),
  ),
)
const rows = issues.map((issue, i) => ({ ...issue, ...(labels[i] ?? { kind: 'unknown' }) }))
const counts = rows.reduce((acc, { kind }) => ({ ...acc, [kind]: (acc[kind] || 0) + 1 }), {})
phase('Report')
log(JSON.stringify(counts))
const urgent = rows.filter((r) => r.urgent).sort((a, b) => b.score - a.score).map((r) => `#${r.number}`)
return { counts, urgent }
