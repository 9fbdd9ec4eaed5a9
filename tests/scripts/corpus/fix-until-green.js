export const meta = { name: 'fix-until-green', description: 'Runs the tests and fixes them, five rounds at most' }
const RESULT = { type: 'object', properties: { passed: { type: 'boolean' }, failing: { type: 'array', items: { type: 'string' } } }, required: ['passed', 'failing'] }
const MAX = 5
const history = []
for (let round = 1; round <= MAX; round++) {
  phase(`Round ${round}`)
  const run = await agent('Run the tests.', { label: `test ${round}`, schema: RESULT, agentType: 'tester' })
  if (!run) { log('the tester was skipped'); continue }
  history.push(run.failing.length)
  if (run.passed) return { green: true, round, history }
  await agent(`Fix: ${run.failing.join(', ')}`, { label: `fix ${round}`, agentType: 'fixer' })
}
return { green: false, history }
