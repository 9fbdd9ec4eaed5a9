export const meta = { name: 'agent-limit', description: 'The agent past the limit throws' }
const texts = []
try {
  for (let i = 0; i < 10; i++) texts.push(await agent(`agent ${i}`))
} catch (error) {
  log(`stopped after ${texts.length}`)
}
const rest = await parallel([() => agent('no more'), () => 'still works'])
return { count: texts.length, rest }
