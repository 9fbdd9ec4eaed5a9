export const meta = { name: 'pipeline-arguments', description: 'previous, item, index; first stage: previous === item' }
const items = [{ id: 'a' }, { id: 'b' }]
const identical = []
const out = await pipeline(items,
  (previous, item, index) => { identical.push(previous === item); return `${item.id}${index}` },
  async (previous, item, index) => `${previous}|${await agent(`${item.id}-${index}`)}`,
  (previous, { id }, index) => ({ previous, id, index }))
return { identical, out }
