export const meta = { name: 'budget-unlimited', description: 'Without a budget nothing is short' }
await agent('one')
const { total } = budget
return { total, spent: budget.spent(), endless: budget.remaining() === Infinity, isLow: budget.remaining() < 10_000 }
