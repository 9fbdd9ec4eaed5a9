// Generated from the contract by `cargo xtask bindings`.

/**
 * Limits that were fixed when the instance was started. How much of them is used is not
 * told: it follows from answers that the instance may not have read.
 */
export interface Limits {
  cpuMs: number
  wallMs: number
  /** Tokens that models may write for it, if they are limited. */
  outputTokens: number | null
}

/**
 * Virtual time and seeded randomness: the same in a replay as in the run. And what the instance
 * may use up.
 */
export interface Functions {
  /**
   * Milliseconds since 1970 at which this instance started. It does not advance
   * while the guest computes.
   */
  now(): number
  /** The next number of this instance's own seeded sequence. */
  random(): number
  /** What this instance may use up. Past a limit it is stopped. */
  budget(): Limits
}
