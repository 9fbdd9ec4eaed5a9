export const meta = { name: 'hundred-files', description: 'A wide fan-out in chunks' }
const files = Array.from({ length: 100 }, (_, i) => `src/${String(i).padStart(3, '0')}.rs`)
const chunk = (list, size) => list.length ? [list.slice(0, size), ...chunk(list.slice(size), size)] : []
let found = 0
for (const [n, group] of chunk(files, 40).entries()) {
  phase(`Chunk ${n + 1}`)
  const texts = await parallel(group.map((f) => () => agent(`Scan ${f}`, { label: f.split('/').pop() })))
  found += texts.filter((t) => t.endsWith('7.rs')).length
}
return { found }
