export const meta = { name: 'opaque-clean', description: 'What is clean arrives as an ordinary value' }
const text = await agent('Which of our own modules?', { label: 'own' })
const { n } = await agent('How many?', { label: 'count', schema: { type: 'object', properties: { n: { type: 'number' } } } })
return { words: text.split(' ').length, next: n + 1 }
