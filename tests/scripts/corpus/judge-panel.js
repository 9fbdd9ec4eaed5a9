export const meta = { name: 'judge-panel', description: 'Three drafts, five judges, one winner', phases: [{ title: 'Draft' }, { title: 'Judge' }] }
const STYLES = ['terse', 'friendly', 'formal']
const VOTE = { type: 'object', properties: { winner: { type: 'integer', minimum: 0, maximum: 2 }, reason: { type: 'string' } }, required: ['winner'] }
phase('Draft')
const drafts = await Promise.all(STYLES.map((style) => agent(`Draft a ${style} reply to: ${args}`, { label: style })))
phase('Judge')
const votes = await parallel(Array.from({ length: 5 }, (_, j) => () =>
  agent(`Judge ${j + 1}: which is best?\n` + drafts.map((d, i) => `[${i}] ${d}`).join('\n'), { label: `judge ${j + 1}`, schema: VOTE, effort: 'low' })))
const tally = new Map(STYLES.map((s) => [s, 0]))
for (const { winner } of votes.filter(Boolean)) tally.set(STYLES[winner], tally.get(STYLES[winner]) + 1)
const [[best, count]] = [...tally.entries()].sort(([, a], [, b]) => b - a)
log(`${best} wins with ${count} of ${votes.filter(Boolean).length}`)
return { best, draft: drafts[STYLES.indexOf(best)], tally: [...tally] }
