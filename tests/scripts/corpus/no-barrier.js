export const meta = { name: 'no-barrier', description: 'A fast item is through before a slow one has begun its second stage' }
const order = []
await pipeline(['slow', 'fast'],
  (x) => agent(`one ${x}`, { label: `1 ${x}` }),
  (_, x) => { order.push(`2 ${x}`); return agent(`two ${x}`, { label: `2 ${x}` }) },
  (_, x) => { order.push(`3 ${x}`) })
return order
