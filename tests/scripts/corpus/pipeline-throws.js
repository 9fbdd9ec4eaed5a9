export const meta = { name: 'pipeline-throws', description: 'A throwing stage makes its item null' }
return await pipeline(
  [3, 0, 2],
  (n) => agent(`count to ${n}`, { label: `n=${n}` }),
  (text, n) => { if (n === 0) throw new RangeError('zero'); return text },
  async (text, n) => { await agent(`check ${n}`); if (n === 2) throw new Error('two'); return n },
)
