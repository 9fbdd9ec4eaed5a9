export const meta = { name: 'calls-workflows', description: 'A saved workflow, and one by its path', phases: [] }
phase('Inner')
const saved = await workflow('lint-all', { strict: true, files: ['a', 'b'] })
const [byPath, helper] = await Promise.all([
  workflow({ scriptPath: 'scripts/extra.js' }),
  agent('Meanwhile, think.'),
])
const bare = await workflow({ scriptPath: 'here.js' }, 'text')
return { saved: saved.warnings, byPath, helper, bare }
