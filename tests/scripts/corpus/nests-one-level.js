export const meta = { name: 'nests-one-level', description: 'A workflow that was called may not call another' }
try {
  await workflow('third')
  return 'called'
} catch (error) {
  log(`refused: ${error instanceof Error}`)
  return await agent('Do it here instead.')
}
