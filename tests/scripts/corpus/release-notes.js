export const meta = { name: `release-notes`, description: 'Writes release notes', whenToUse: null }
const version = args || 'unreleased'
const sections = ['Added', 'Fixed', 'Removed']
const parts = await Promise.all(sections.map(async (section) => {
  const body = await agent(`
    List what was ${section.toLowerCase()} in ${version}.
    Do not use Date.now() or Math.random() in examples.
  `, { label: section })
  return `## ${section}\n${body.trim()}`
}))
return `# ${version}\n\n${parts.join('\n\n')}`
