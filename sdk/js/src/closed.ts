/** Closed types: those whose values can be counted, and which alone pass a gate. */

/** A closed type: its JSON Schema, and in TypeScript the type of its values. */
export interface Closed<T> {
  readonly schema: object
  /** Only for the type checker; never there. */
  readonly type?: T
}

/** One of these texts: log2(n) bits. */
export function oneOf<const T extends readonly string[]>(...values: T): Closed<T[number]> {
  return { schema: { enum: values } }
}

/** Yes or no: one bit. */
export const bool: Closed<boolean> = { schema: { type: 'boolean' } }

/** A whole number from `minimum` to `maximum`, both included. */
export function integer(minimum: number, maximum: number): Closed<number> {
  return { schema: { type: 'integer', minimum, maximum } }
}

/** At most `maxItems` values of a closed type. */
export function list<T>(items: Closed<T>, maxItems: number): Closed<T[]> {
  return { schema: { type: 'array', items: items.schema, maxItems } }
}

/** A record of closed types; its bits are the sum of theirs. */
export function record<T extends Record<string, Closed<unknown>>>(
  fields: T,
): Closed<{ [K in keyof T]: T[K] extends Closed<infer V> ? V : never }> {
  const properties: Record<string, object> = {}
  for (const [name, field] of Object.entries(fields)) {
    properties[name] = field.schema
  }
  return { schema: { type: 'object', properties, required: Object.keys(fields) } }
}
