/** Gates: the one way in which content becomes a plain value at a lower label. */
import host from 'lazaret:agent/gate@0.1.0'
import type { Closed } from './closed'
import { type Content, parsed, written } from './content'
import { attempt } from './error'

/**
 * Passes a content through a gate of the policy as a value of a closed type. The bits of the
 * whole type are charged, once for the same content and type. `undefined` where the content
 * is not of the type, which is one of the counted answers.
 * @throws {Denied} by `gate` where the rule is missing or its bits are spent.
 */
export function pass<T>(content: Content, type: Closed<T>, rule: string): T | undefined {
  const verdict = attempt(() => host.pass(content.handle, written(type.schema), rule))
  return verdict.tag === 'value' ? (parsed(verdict.val) as T) : undefined
}
