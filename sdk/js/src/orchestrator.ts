/** An orchestrator: no I/O at all; what it asks of the host is in {@link flow}. */
import './still'
import type { Task as HostTask } from '../generated/types'
import type { Batch, Turn } from '../generated/turns'
import { type Answer, answerOf, failureOf } from './answer'
import * as desk from './desk'
import { type Held, held } from './held'
import { drain } from './promise'

/** What {@link orchestrator} makes: the exports of the world `orchestrator`. */
export interface Orchestrator {
  start(task: HostTask): Turn
  resume(batch: Batch): Turn
}

/**
 * Makes an `async` function an orchestrator. `args` is the run's argument, unread. Given the
 * same answers it must ask the same questions: it has neither clock nor randomness.
 *
 * ```ts
 * export default orchestrator(async (args) => {
 *   const items = await flow.split(args, 100)
 *   const ended = await Promise.all(items.map((item) => flow.spawn('reader', { text: item })))
 *   return ended.filter((one) => one.tag === 'value').length
 * })
 * ```
 */
export function orchestrator(run: (args: Held, text: string) => Promise<Answer>): Orchestrator {
  let finished: Turn['finished'] = null
  const turn = (): Turn => {
    drain()
    const requests = desk.take()
    if (finished === null && requests.length === 0 && !desk.isWaiting()) {
      const message = 'the orchestrator waits for a promise that nothing settles'
      finished = { tag: 'err', val: { message } }
    }
    return { requests, finished }
  }
  return {
    start(task) {
      const part = task.parts.find((part) => part.name === 'args')
      const args = held(part?.content ?? 0)
      new Promise<Answer>((resolve) => resolve(run(args, task.text))).then(
        (value) => { finished = { tag: 'ok', val: answerOf(value) } },
        (thrown) => { finished = { tag: 'err', val: failureOf(thrown) } },
      )
      return turn()
    },
    resume(batch) {
      desk.deliver(batch)
      return turn()
    },
  }
}
