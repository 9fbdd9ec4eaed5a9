import { flow, orchestrator } from 'lazaret'

export default orchestrator(async (args) => {
  const texts = await flow.split(args, 100)
  await flow.phase('Read')
  const ended = await Promise.all(texts.map((text, index) =>
    flow.spawn('reader', { name: `text ${index + 1}`, text: ['Say what this is about:\n\n', text] })))
  /** @type {Record<string, flow.Held>} */
  const leaves = {}
  for (const [index, one] of ended.entries()) {
    if (one.tag === 'value') leaves[`/${index}`] = one.value
  }
  return flow.compose(ended.map(() => null), leaves)
})
