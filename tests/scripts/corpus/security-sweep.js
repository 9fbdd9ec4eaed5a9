export const meta = { name: 'security-sweep', description: 'Many models look at the same code', phases: [{ title: 'Sweep' }, { title: 'Refute' }] }
const MODELS = [['haiku', 'low'], ['sonnet', 'medium'], ['opus', 'max'], ['inherit', undefined]]
const REPORT = {
  type: 'object',
  additionalProperties: false,
  required: ['risks'],
  properties: { risks: { type: 'array', items: { type: 'object', required: ['id', 'cvss'], properties: { id: { type: 'string', pattern: '^R[0-9]+$' }, cvss: { type: 'number', minimum: 0, maximum: 10 } } } } },
}
phase('Sweep')
const reports = await parallel(MODELS.map(([model, effort]) => () =>
  agent('Sweep the repository for risks.', { label: `sweep/${model}`, agentType: 'auditor', model, effort, schema: REPORT })))
const worst = new Map()
for (const { risks = [] } of reports.filter(Boolean))
  for (const { id, cvss } of risks) worst.set(id, Math.max(worst.get(id) ?? 0, cvss))
phase('Refute')
const kept = []
for (const [id, cvss] of [...worst].sort(([, a], [, b]) => b - a)) {
  if (cvss < 4) continue
  const answer = await agent(`Try to refute ${id} (${cvss.toFixed(1)}). Answer REFUTED or HOLDS.`, { label: `refute ${id}`, model: 'opus' })
  if (!answer?.includes('REFUTED')) kept.push(id)
}
return kept
