/*
 * Needs a target.
 */
export const meta = { name: 'early-return', description: 'Says what is missing' }

if (args === undefined) {
  log('no arguments')
  return { error: 'usage: early-return <target>' }
}
return await agent(`Work on ${args}`)
