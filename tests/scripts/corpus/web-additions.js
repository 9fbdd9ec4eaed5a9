export const meta = { name: 'web-additions', description: 'structuredClone, TextEncoder, timers' }
const original = { a: [1, { b: new Set([1]) }], when: new Date(0) }
const copy = structuredClone(original)
copy.a[1].b.add(2)
const bytes = new TextEncoder().encode('Grüße 👋')
let ticks = 0
const late = setTimeout(() => { ticks += 100 }, 500)
await new Promise((resolve) => setTimeout(resolve, 50))
setTimeout((n) => { ticks += n }, 10, 7)
await new Promise((resolve) => setTimeout(resolve, 20))
clearTimeout(late)
return { size: original.a[1].b.size, when: copy.when.getTime(), bytes: bytes.length, text: new TextDecoder().decode(bytes), ticks }
