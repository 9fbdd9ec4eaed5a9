export const meta = { name: 'shadowing', description: 'Names of the globals used for something else' }
const run = async (agent, log) => [agent, log]
{
  const phase = 'not a function'
  const budget = { total: 3 }
  log(`${phase} ${budget.total}`)
}
const results = (await run(1, 2)).concat(await agent('real'))
return { results, self: typeof this }
