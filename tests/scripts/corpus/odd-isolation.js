export const meta = { name: 'odd-isolation', description: 'No silent fallback from an isolation that is unknown, or cannot be had' }
const outcomes = []
for (const [isolation, label] of [['container', 'c'], ['worktree', 'w']]) {
  try {
    outcomes.push(await agent('isolate', { isolation, label }))
  } catch (error) {
    outcomes.push(error.name)
  }
}
return outcomes
