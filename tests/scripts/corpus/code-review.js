export const meta = {
  name: 'code-review',
  description: 'Reviews a change from several sides and merges what was found',
  whenToUse: 'Before a pull request is merged',
  phases: [
    { title: 'Review', detail: 'one agent a dimension' },
    { title: 'Merge' },
  ],
}

const DIMENSIONS = [
  { key: 'bugs', prompt: 'Find correctness bugs in the current diff.' },
  { key: 'security', prompt: 'Find security problems in the current diff.', effort: 'high' },
  { key: 'style', prompt: 'Find places where the diff departs from the code around it.', model: 'haiku' },
]

const FINDINGS = {
  type: 'object',
  properties: {
    findings: {
      type: 'array',
      maxItems: 20,
      items: {
        type: 'object',
        properties: {
          file: { type: 'string' },
          line: { type: 'integer', minimum: 1 },
          severity: { enum: ['low', 'medium', 'high'] },
          summary: { type: 'string', maxLength: 200 },
        },
        required: ['file', 'severity', 'summary'],
        additionalProperties: false,
      },
    },
  },
  required: ['findings'],
}

phase('Review')
const reviews = await parallel(
  DIMENSIONS.map((d) => () =>
    agent(d.prompt, { label: `review:${d.key}`, phase: 'Review', schema: FINDINGS, model: d.model, effort: d.effort }),
  ),
)

const findings = reviews.filter(Boolean).flatMap((r) => r.findings)
log(`${findings.length} findings from ${reviews.filter(Boolean).length} reviewers`)

phase('Merge')
const bySeverity = { high: [], medium: [], low: [] }
for (const f of findings) bySeverity[f.severity].push(f)
const summary = await agent(
  `Write a review of at most ten lines from these findings:\n${JSON.stringify(bySeverity, null, 2)}`,
  { label: 'merge' },
)
return { count: findings.length, summary }
