/** An agent: reads what its clearance allows and acts through what it was granted. */
import './globals'
import type { Answer as HostAnswer, Task as HostTask } from '../generated/types'
import { type Answer, answerOf, failureOf } from './answer'
import { Content, parsed } from './content'
import { Invalid } from './error'
import { settled } from './promise'

/** What an agent is asked to do: a text that may be seen, and named contents that are only held. */
export class Task<Input = unknown> {
  /** The instruction, or the typed input as JSON. The agent starts at its label. */
  readonly text: string
  /** How to do it: `model`, `effort`, `schema` and others, as the task and the policy say. */
  readonly options: Record<string, unknown>
  /** Contents that go with the task, unread. */
  readonly parts: ReadonlyMap<string, Content>

  constructor(task: HostTask) {
    this.text = task.text
    const options = parsed(task.options === '' ? '{}' : task.options)
    this.options = (options ?? {}) as Record<string, unknown>
    this.parts = new Map(task.parts.map((part) => [part.name, new Content(part.content)]))
  }

  /** The text as JSON. @throws {Invalid} where it is none. */
  get input(): Input {
    return parsed(this.text) as Input
  }

  /** Returns a part by name, unread. @throws {Invalid} where the task has none of that name. */
  part(name: string): Content {
    const part = this.parts.get(name)
    if (part === undefined) {
      throw new Invalid(`the task has no part \`${name}\``)
    }
    return part
  }
}

/** What {@link agent} makes: the exports of the world `agent`. */
export interface Agent {
  run(task: HostTask): HostAnswer
}

/**
 * Makes a function an agent. Each task runs in a fresh instance, so nothing stays between
 * two. What it throws ends the task; the operator sees the message and the stack.
 *
 * ```ts
 * export default agent<{ name: string }>((task) => `hello ${task.input.name}`)
 * ```
 */
export function agent<Input = unknown>(run: (task: Task<Input>) => Answer | Promise<Answer>): Agent {
  return {
    run(task) {
      try {
        const ended = settled(() => run(new Task<Input>(task)))
        if (!ended.done) {
          throw new Error('the agent waits for a promise that nothing settles')
        }
        return answerOf(ended.value)
      } catch (thrown) {
        throw failureOf(thrown)
      }
    },
  }
}
