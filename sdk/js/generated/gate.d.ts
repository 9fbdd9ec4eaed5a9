// Generated from the contract by `cargo xtask bindings`.
import type { Handle } from './types'

export type Verdict =
  /** The value as JSON, keys in the schema's order, undeclared keys dropped. */
  | { tag: 'value'; val: string }
  /** The content is not of the type. This is one of the counted answers. */
  | { tag: 'invalid' }

/** The one way in which content becomes a plain value at a lower label. */
export interface Functions {
  /**
   * Gives the content as a value of a closed type, if the policy has the rule.
   *
   * `schema` is a JSON Schema of closed type: boolean, enum, bounded integer,
   * bounded pattern, records and bounded lists of these. `{"x-lazaret-member-of": "H"}`
   * stands for an enum of the members of the list with the handle H, which the caller
   * could read without rising. The capacity of the
   * whole type is charged, once for the same content and type.
   */
  pass(content: Handle, schema: string, rule: string): Verdict
}
