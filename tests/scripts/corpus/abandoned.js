export const meta = { name: 'abandoned', description: 'Returns while agents still run' }
agent('Warm the cache.', { label: 'cache' })
const pending = [agent('slow'), agent('slower')]
pending.forEach((p) => p.catch(() => {}))
return await agent('quick')
