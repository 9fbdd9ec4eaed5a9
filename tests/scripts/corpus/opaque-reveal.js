export const meta = { name: 'opaque-reveal', description: 'reveal() gives the value, and raises the script\'s label' }
const text = await agent('read')
const { deep } = await agent('more', { label: 'more', schema: { type: 'object', properties: { deep: { type: 'object' } } } })
const shown = await reveal(text)
const all = await reveal({ list: [deep, 'plain'], mixed: `<${text}>` })
return { length: shown.length, all, same: await reveal(5) }
