export const meta = { name: 'args-tainted', description: 'Tainted arguments are ordinary values in a floating script' }
const [first, ...others] = args.items
const answer = await agent(`Summarise: ${first.title} (${others.length} more)`)
return answer.length > 0
