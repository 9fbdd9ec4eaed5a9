import { agent, log } from 'lazaret'

interface Input {
  name: string
}

interface Output {
  greeting: string
  letters: number
}

export default agent<Input>(async (task): Promise<Output> => {
  const { name } = task.input
  if (typeof name !== 'string') throw new Error('the input has no text `name`')
  log.info(`greeting ${name}`)
  return { greeting: `hello ${name}`, letters: [...name].length }
})
