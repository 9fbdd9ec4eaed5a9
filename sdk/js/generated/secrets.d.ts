// Generated from the contract by `cargo xtask bindings`.

/** Keys and tokens that the host adds at the border. No value ever reaches a component. */
export interface Functions {
  /** Says whether a secret is set that something granted to this instance uses. */
  exists(name: string): boolean
}
