// Generated from the contract by `cargo xtask bindings`.

/** Virtual time and seeded randomness: the same in a replay as in the run. */
export interface Functions {
  /**
   * Milliseconds since 1970 at which this instance started. It does not advance
   * while the guest computes.
   */
  now(): number
  /** The next number of this instance's own seeded sequence. */
  random(): number
}
