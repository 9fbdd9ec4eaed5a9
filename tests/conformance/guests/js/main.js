import { agent, clock, closed, Content, Denied, files, gate, log, tools } from 'lazaret'

const cases = {
  typed: ({ name, years, tags }) => {
    if (!Number.isInteger(years)) throw new TypeError('`years` is no whole number')
    return { name, next: years + 1, tags: tags.length }
  },
  json: (value) => ({ value }),
  unicode: (text) => ({ text, letters: [...text].length }),
  large: (length) => ({ length: Content.text('x'.repeat(length)).read().length }),
  handles: (_, task) => {
    const mail = task.part('mail')
    return Content.compose({ kept: null, taint: mail.label.taint }, { '/kept': mail })
  },
  forged: () => ({ kind: refused(() => new Content(12345).read()).kind }),
  denial: (_, task) => told(() => task.part('secret').read()),
  'missing-grant': () => told(() => tools.call('tracker.pay', { amount: 1 })),
  tool: (_, task) => tools.call('tracker.pay', { amount: 7, note: task.part('mail') }),
  files: () => ({ text: files.read('vault/key.txt').read() }),
  gate: (_, task) => ({ value: gate.pass(task.part('mail'), closed.oneOf('low', 'high'), 'verdict') ?? null }),
  parallel: () => tools.callAll([
    ['tracker.pay', { amount: 1 }],
    ['tracker.publish', { text: 'x' }],
    ['tracker.pay', { amount: 2 }],
  ]).map((one) => one instanceof Denied ? one.kind : one instanceof Error ? one.message : 'done'),
  failure: () => { throw new Error('asked to fail') },
  panic: async () => {
    await null
    return (function deepest() { throw new RangeError('the wheel came off') })()
  },
  deadline: () => { for (;;); },
  log: () => {
    for (const level of ['debug', 'info', 'warn', 'error']) log[level](`a line of ${level}`)
    return null
  },
  clock: () => {
    const now = Date.now()
    if (now !== clock.now() || now !== new Date().getTime()) throw new Error('two clocks')
    return { now }
  },
  random: () => ({ dice: [Math.random(), clock.unit(), Math.random()] }),
}

function refused(call) {
  try {
    call()
  } catch (error) {
    if (error instanceof Denied) return error
    throw error
  }
  throw new Error('nothing was refused')
}

function told(call) {
  const { kind, rule, remedy } = refused(call)
  return { kind, rule, remedy: remedy !== '' }
}

export default agent(async (task) => {
  const { case: name, value } = task.input
  return await cases[name](value, task)
})
