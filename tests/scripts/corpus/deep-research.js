export const meta = {
  name: 'deep-research',
  description: 'Asks, reads, asks again, until nothing new turns up',
  phases: [{ title: 'Plan' }, { title: 'Search', model: 'haiku' }, { title: 'Write', model: 'opus' }],
}
const question = typeof args === 'string' ? args : args?.question
if (!question) return { error: 'no question' }

const LIST = (name) => ({
  type: 'object',
  properties: { [name]: { type: 'array', items: { type: 'string' }, minItems: 0, maxItems: 5 } },
  required: [name],
})

phase('Plan')
const { queries } = await agent(`Which searches would answer "${question}"?`, { schema: LIST('queries') })

const seen = new Set()
const facts = new Map()
let round = 0
let open = queries
while (open.length > 0 && round < 3) {
  round++
  phase(`Search ${round}`)
  const answers = await parallel(
    open.map((q) => () => agent(`Search for: ${q}`, { label: q, phase: `Search ${round}`, schema: LIST('facts'), model: 'haiku' })),
  )
  answers.forEach((answer, i) => {
    seen.add(open[i])
    for (const fact of answer?.facts ?? []) facts.set(fact, [...(facts.get(fact) ?? []), open[i]])
  })
  const next = await agent(`Known: ${[...facts.keys()].join('; ')}. What is still open?`, {
    label: `gaps ${round}`,
    schema: LIST('queries'),
    effort: 'low',
  })
  open = (next?.queries ?? []).filter((q) => !seen.has(q))
  log(`round ${round}: ${facts.size} facts, ${open.length} open`)
}

phase('Write')
return {
  report: await agent(`Answer "${question}" from:\n${[...facts].map(([f, by]) => `- ${f} (${by.length})`).join('\n')}`, { model: 'opus' }),
  rounds: round,
}
