export const meta = { name: 'random-uncaught', description: 'A ban that nobody catches ends the script' }
const items = ['a', 'b', 'c']
await agent('before')
const pick = items[Math.floor(Math.random() * items.length)]
return await agent(`after ${pick}`)
