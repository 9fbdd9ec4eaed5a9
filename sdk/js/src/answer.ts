/** What a component gives back: text, JSON, or a content that it holds. */
import type { Answer as HostAnswer, Failure } from '../generated/types'
import { described } from './error'

/**
 * A string is answered as text, a {@link Content} by its handle, read or not, and anything
 * else as JSON. It carries the component's label.
 */
export type Answer = unknown

/** The shape of a {@link Content}, so that a component without contents does not import them. */
interface Held {
  readonly handle: number
}

/** Names an answer for the host. */
export function answerOf(value: Answer): HostAnswer {
  if (typeof value === 'string') {
    return { tag: 'text', val: value }
  }
  if (isHeld(value)) {
    return { tag: 'content', val: value.handle }
  }
  return { tag: 'json', val: JSON.stringify(value === undefined ? null : value) ?? 'null' }
}

function isHeld(value: unknown): value is Held {
  return typeof value === 'object' && value !== null && typeof (value as Held).handle === 'number'
    && typeof (value as { project?: unknown }).project === 'function'
}

/** Makes a failure of an exception: its message and the stack, for the operator. */
export function failureOf(thrown: unknown): Failure {
  return { message: described(thrown) }
}
