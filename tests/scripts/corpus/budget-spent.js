export const meta = { name: 'budget-spent', description: 'Runs into its budget' }
const results = await parallel([1, 2].map((n) => () => agent(`first ${n}`)))
const late = await parallel([1, 2].map((n) => () => agent(`late ${n}`)))
let thrown = false
try {
  await agent('one more')
} catch {
  thrown = true
}
return { results, late, thrown, spent: budget.spent(), remaining: budget.remaining() }
