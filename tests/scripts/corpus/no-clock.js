export const meta = { name: 'no-clock', description: 'Clocks throw when called; prompts may mention them' }
const prompt = 'Replace Date.now() and new Date() and Math.random() by parameters.'
const tries = [() => Date.now(), () => new Date(), () => Math.random()]
const thrown = tries.map((t) => { try { return typeof t() } catch (e) { return e instanceof Error } })
const fixed = new Date('2026-03-01T12:00:00Z')
fixed.setUTCDate(fixed.getUTCDate() + 1)
return { answer: await agent(prompt), thrown, day: fixed.toISOString().slice(0, 10), ms: Date.UTC(2026, 0, 1) - Date.parse('2026-01-01') }
