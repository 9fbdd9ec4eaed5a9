export const meta = { name: 'denied-agent', description: 'A denial is an error that says why' }
try {
  await agent('deploy', { agentType: 'deployer' })
} catch (error) {
  log('denied')
}
return await parallel([() => agent('deploy again'), () => agent('look around')])
