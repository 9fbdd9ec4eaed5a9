export const meta = { name: 'opaque-result-whole', description: 'The result is one opaque value' }
return await agent('a')
