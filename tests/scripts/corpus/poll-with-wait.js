export const meta = { name: 'poll-with-wait', description: 'Waits between attempts' }
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
for (let i = 1; i <= 4; i++) {
  const state = await agent('Is the build done? Answer yes or no.', { label: `poll ${i}` })
  if (/^yes\b/i.test(state ?? '')) return { polls: i }
  await sleep(1000 * 2 ** i)
}
return { polls: null }
