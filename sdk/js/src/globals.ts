/** The clock and the randomness of the language, in terms of the host's: the same in a replay. */
import host from 'lazaret:agent/clock@0.1.0'
import { unit } from './clock'

const RealDate = Date

globalThis.Date = class extends RealDate {
  constructor(...parts: unknown[]) {
    if (parts.length === 0) {
      super(host.now())
    } else {
      // @ts-expect-error: as many as the caller gave
      super(...parts)
    }
  }

  static override now(): number {
    return host.now()
  }
} as unknown as DateConstructor

Math.random = unit
