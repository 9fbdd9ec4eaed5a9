/** A tool: functions that others call, each call in a fresh instance. */
import './globals'
import type { Answer as HostAnswer, ToolDescription } from '../generated/types'
import { type Answer, answerOf, failureOf } from './answer'
import { settled } from './promise'

/** One function of a tool. */
export interface ToolFunction<Arguments = any> {
  /** What it does, in a sentence. */
  description: string
  /** JSON Schema of its arguments. */
  schema: object
  /** Does it. */
  call(args: Arguments): Answer | Promise<Answer>
}

/** What {@link tool} makes: the exports of the world `tool`. */
export interface Tool {
  available(): ToolDescription[]
  call(name: string, args: string): HostAnswer
}

/**
 * Makes functions a tool. They are named without the tool's own name.
 *
 * ```ts
 * export default tool({
 *   add: {
 *     description: 'Adds two numbers',
 *     schema: { type: 'object', properties: { a: { type: 'number' }, b: { type: 'number' } } },
 *     call: ({ a, b }: { a: number; b: number }) => a + b,
 *   },
 * })
 * ```
 */
export function tool(functions: Record<string, ToolFunction>): Tool {
  return {
    available() {
      return Object.entries(functions).map(([name, one]) => ({
        function: name,
        description: one.description,
        schema: JSON.stringify(one.schema),
      }))
    },
    call(name, args) {
      try {
        const one = Object.hasOwn(functions, name) ? functions[name] : undefined
        if (one === undefined) {
          throw new Error(`there is no function \`${name}\``)
        }
        const ended = settled(() => one.call(JSON.parse(args)))
        if (!ended.done) {
          throw new Error('the function waits for a promise that nothing settles')
        }
        return answerOf(ended.value)
      } catch (thrown) {
        throw failureOf(thrown)
      }
    },
  }
}
