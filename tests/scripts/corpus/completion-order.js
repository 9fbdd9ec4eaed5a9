export const meta = { name: 'completion-order', description: 'Answers arrive as they come; results stay in order' }
const arrived = []
const results = await Promise.all(Array.from({ length: 12 }, async (_, i) => {
  const text = await agent(`job ${i % 4}.${i}`, { label: `job ${i}` })
  arrived.push(i)
  return text
}))
return { arrived, results }
