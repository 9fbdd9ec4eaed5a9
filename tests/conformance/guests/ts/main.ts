import { agent, clock, closed, Content, Denied, files, gate, log, tools, type Task } from 'lazaret'

interface Input {
  case: string
  value: unknown
}

type Does = (value: any, task: Task<Input>) => unknown

const severity = closed.oneOf('low', 'high')

const cases: Record<string, Does> = {
  typed: ({ name, years, tags }: { name: string; years: number; tags: string[] }) => {
    if (!Number.isInteger(years)) throw new TypeError('`years` is no whole number')
    return { name, next: years + 1, tags: tags.length }
  },
  json: (value: unknown) => ({ value }),
  unicode: (text: string) => ({ text, letters: [...text].length }),
  large: (length: number) => ({ length: Content.text('x'.repeat(length)).read().length }),
  handles: (_, task) => {
    const mail = task.part('mail')
    return Content.compose({ kept: null, taint: mail.label.taint }, { '/kept': mail })
  },
  forged: () => ({ kind: refused(() => new Content(12345).read()).kind }),
  denial: (_, task) => told(() => task.part('secret').read()),
  'missing-grant': () => told(() => tools.call('tracker.pay', { amount: 1 })),
  tool: (_, task) => tools.call('tracker.pay', { amount: 7, note: task.part('mail') }),
  files: () => ({ text: files.read('vault/key.txt').read() }),
  gate: (_, task) => {
    const value: 'low' | 'high' | undefined = gate.pass(task.part('mail'), severity, 'verdict')
    return { value: value ?? null }
  },
  parallel: () => {
    const calls: [string, tools.Arguments][] = [
      ['tracker.pay', { amount: 1 }],
      ['tracker.publish', { text: 'x' }],
      ['tracker.pay', { amount: 2 }],
    ]
    return tools.callAll(calls).map((one) => one instanceof Denied ? one.kind : 'done')
  },
  failure: () => { throw new Error('asked to fail') },
  panic: async () => {
    await null
    return (function deepest(): never { throw new RangeError('the wheel came off') })()
  },
  deadline: () => { for (;;); },
  log: () => {
    for (const level of ['debug', 'info', 'warn', 'error'] as const) log[level](`a line of ${level}`)
    return null
  },
  clock: () => ({ now: clock.now() }),
  random: () => ({ dice: [clock.unit(), clock.unit(), clock.unit()] }),
}

function refused(call: () => unknown): Denied {
  try {
    call()
  } catch (error) {
    if (error instanceof Denied) return error
    throw error
  }
  throw new Error('nothing was refused')
}

function told(call: () => unknown) {
  const { kind, rule, remedy } = refused(call)
  return { kind, rule, remedy: remedy !== '' }
}

export default agent<Input>((task) => cases[task.input.case]!(task.input.value, task))
