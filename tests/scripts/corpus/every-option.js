export const meta = { name: 'every-option', description: 'All options, and some that do not exist' }
await agent('all', {
  label: 'all', phase: 'P', schema: { type: 'object' }, model: 'claude-sonnet-4-5', effort: 'xhigh', isolation: 'worktree',
  agentType: 'Explore', tools: ['Read', 'mcp__github__search'], timeout: 60000, plugin: 'registry/x@1',
})
await agent('unknown', { temperature: 0.2, maxTokens: 100, label: 'u' })
await agent('bad effort', { effort: 'extreme' })
await agent('none', undefined)
await agent('empty', {})
return 'ok'
