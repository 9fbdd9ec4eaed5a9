export const meta = { name: 'opaque-text', description: 'Text is passed on by template, +, join, concat and JSON' }
const page = await agent('Fetch the page')
const other = await agent('Fetch the other')
const list = [page, other].map((p, i) => `${i}: ${p}`)
await agent('A ' + page + ' B')
await agent(list.join('\n---\n'))
await agent(page.concat(' and ', other))
await agent(JSON.stringify({ pages: [page, other], n: 2 }))
await agent(String(page))
await agent(page)
await agent([page, other].toString().toUpperCase())
return 'done'
