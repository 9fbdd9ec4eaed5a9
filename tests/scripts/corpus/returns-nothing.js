export const meta = { name: 'returns-nothing', description: 'No return statement' }
phase('Only')
await agent('work')
log('done')
