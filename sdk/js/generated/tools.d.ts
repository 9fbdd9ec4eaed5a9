// Generated from the contract by `cargo xtask bindings`.
import type { Error, Handle, ToolCall, ToolDescription } from './types'

/** Functions of the tools that the policy grants. */
export interface Functions {
  /** Gives the functions that this instance was granted, in name order. */
  available(): ToolDescription[]
  /** Calls one function. The answer is a handle. */
  call(call: ToolCall): Handle
  /** Calls several functions at the same time; answers come in the calls' order. */
  callAll(calls: ToolCall[]): ({ tag: 'ok'; val: Handle } | { tag: 'err'; val: Error })[]
}
