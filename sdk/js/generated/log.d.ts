// Generated from the contract by `cargo xtask bindings`.

export type Level =
  | 'debug'
  | 'info'
  | 'warn'
  | 'error'

/** Lines for the operator. Their volume is limited; the rest is dropped and counted. */
export interface Functions {
  write(level: Level, message: string): void
}
