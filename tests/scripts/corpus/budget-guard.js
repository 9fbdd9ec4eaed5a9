export const meta = { name: 'budget-guard', description: 'Stops by itself before the budget does' }
const done = []
while (budget.total && budget.remaining() > 250) {
  const text = await agent(`Write section ${done.length + 1}.`, { label: `section ${done.length + 1}` })
  done.push(text)
  log(`${budget.spent()} of ${budget.total} spent, ${budget.remaining()} left`)
}
return { sections: done.length, left: budget.remaining() }
