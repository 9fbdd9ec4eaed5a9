export const meta = { name: 'dynamic-code', description: 'Built-ins that make code still work' }
const add = new Function('a', 'b', 'return a + b')
const name = await agent('Which field?')
const get = (path) => (o) => path.split('.').reduce((at, key) => at?.[key], o)
const tagged = ((strings, ...values) => strings.raw.join('|') + values.join(','))`a${1}b\n${2}c`
const weak = new WeakMap([[add, 'fn']])
const { proxy, revoke } = Proxy.revocable({}, { get: (_, k) => k })
const out = { sum: add(1, 2), got: get('a.b')({ a: { b: name } }), tagged, weak: weak.get(add), proxy: proxy.hello }
revoke()
return out
