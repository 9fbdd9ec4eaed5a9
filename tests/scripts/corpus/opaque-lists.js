export const meta = { name: 'opaque-lists', description: 'The count of a list is gated, its items are seen by their schema' }
const FOUND = {
  type: 'object',
  properties: {
    findings: {
      type: 'array',
      items: { type: 'object', properties: { file: { type: 'string' }, severity: { enum: ['low', 'high'] } }, required: ['file', 'severity'] },
    },
    flags: { type: 'array', items: { type: 'boolean' }, maxItems: 3 },
    notes: { type: 'array', items: { type: 'string' } },
    where: { type: 'object', properties: { host: { type: 'string' }, prod: { type: 'boolean' } } },
    free: { type: 'object' },
  },
}
const { findings, flags, notes, where, free } = await agent('Look', { schema: FOUND, label: 'look' })
for (const { file, severity } of findings.filter((f) => f.severity === 'high')) await agent(`Fix ${file} (${severity})`)
log(`${notes.length} notes on ${where.host}, prod ${where.prod}, flags ${flags}`)
await agent(`${notes.map((n) => `- ${n}`).join('\n')}\n${free}`)
return { count: findings.length, flags, first: findings[0] }
