import { agent, log } from 'lazaret'

export default agent(async (task) => {
  const { name } = /** @type {{ name: string }} */ (task.input)
  if (typeof name !== 'string') throw new Error('the input has no text `name`')
  log.info(`greeting ${name}`)
  return { greeting: `hello ${name}`, letters: [...name].length }
})
