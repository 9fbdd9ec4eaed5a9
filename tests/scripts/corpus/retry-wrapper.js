export const meta = { name: 'retry-wrapper', description: 'Scripts often wrap agent() in helpers of their own' }
const withRetry = async (prompt, { tries = 3, ...opts } = {}) => {
  for (let attempt = 1; ; attempt++) {
    const result = await agent(attempt > 1 ? `${prompt} (attempt ${attempt})` : prompt, { ...opts, label: `${opts.label}/${attempt}` })
    if (result !== null || attempt >= tries) return result
    log(`${opts.label}: attempt ${attempt} gave nothing`)
  }
}
function* ids(n) { for (let i = 0; i < n; i++) yield `job-${i}` }
class Counter { #n = 0; add(k) { return (this.#n += k) } get value() { return this.#n } }
const counter = new Counter()
const out = {}
for (const id of ids(2)) { out[id] = await withRetry(`Do ${id}`, { label: id }); counter.add(1) }
return { out, n: counter.value }
