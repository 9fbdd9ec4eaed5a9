export const meta = { name: 'tournament', description: 'Recursion: the better of each pair goes on' }
const BEST = { type: 'object', properties: { best: { enum: [0, 1] } }, required: ['best'] }
const play = async (players, round = 1) => {
  if (players.length <= 1) return players[0] ?? null
  const pairs = players.reduce((acc, p, i) => (i % 2 ? [...acc.slice(0, -1), [...acc.at(-1), p]] : [...acc, [p]]), [])
  const winners = await parallel(pairs.map((pair, i) => async () => {
    if (pair.length === 1) return pair[0]
    const verdict = await agent(`Which is better?\n0: ${pair[0]}\n1: ${pair[1]}`, { label: `r${round}m${i}`, phase: `Round ${round}`, schema: BEST })
    return pair[verdict?.best ?? 0]
  }))
  return play(winners, round + 1)
}
return await play(['ant', 'bee', 'cat', 'dog', 'eel'])
