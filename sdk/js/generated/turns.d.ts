// Generated from the contract by `cargo xtask bindings`.
import type { Answer, Denial, Failure, Handle, Leaf, Part, Piece, ToolCall } from './types'

export interface Projection {
  content: Handle
  pointer: string
}

export interface Composition {
  skeleton: string
  leaves: Leaf[]
}

export interface Splitting {
  content: Handle
  max: number
}

export interface Gating {
  content: Handle
  /**
   * As of `gate.pass`; besides, `{"x-lazaret-part": true}` asks which of its parts the
   * child whose answer this is handed back, and is answered with the orchestrator's
   * own handle of it.
   */
  schema: string
  rule: string
}

/** A child agent. */
export interface Spawning {
  /** A profile of the policy. */
  profile: string
  /** What the operator sees beside it. */
  name: string
  /** The phase that it is shown in; empty for the current one. */
  phase: string
  /** The task's text. The child starts at its label. */
  text: Piece[]
  parts: Part[]
  /** Further options as JSON: `model`, `effort`, `schema`, `isolation`, `timeout_ms`. */
  options: string
}

export interface NestedWorkflow {
  /** A saved name or a path. */
  target: string
  arguments: Handle
}

/** A question to a person, who sees where each part came from. */
export interface Question {
  /** At most 16 KiB. */
  text: string
  /** At most 31. */
  parts: Part[]
}

export type Request =
  /** Opens a source of the policy with plain arguments. */
  | { tag: 'open'; val: ToolCall }
  | { tag: 'project'; val: Projection }
  | { tag: 'compose-text'; val: Piece[] }
  | { tag: 'compose-json'; val: Composition }
  | { tag: 'split'; val: Splitting }
  | { tag: 'gate'; val: Gating }
  /** Gives the content as text and raises the orchestrator's label. */
  | { tag: 'reveal'; val: Handle }
  | { tag: 'spawn'; val: Spawning }
  | { tag: 'workflow'; val: NestedWorkflow }
  | { tag: 'call'; val: ToolCall }
  /** Asks a person, and tells what the person said. */
  | { tag: 'ask'; val: Question }
  /** Waits for so many milliseconds. */
  | { tag: 'wait'; val: number }
  /** Cancels the request with this number. */
  | { tag: 'cancel'; val: number }
  /** Starts a phase of the progress display. */
  | { tag: 'phase'; val: string }

export interface NumberedRequest {
  /** Chosen by the orchestrator, unique in the run of this instance. */
  id: number
  request: Request
}

/** How a child ended. */
export type Outcome =
  /** The child's answer, unread. */
  | { tag: 'value'; val: Handle }
  /** Skipped or stopped by a person. */
  | { tag: 'none' }
  /**
   * Trap, timeout, excess and a dead model look alike. Text that begins with
   * `schema:` says that no answer satisfied the schema that the task asks for.
   */
  | { tag: 'failed'; val: string }

/** What a person said to a question. */
export type Said =
  | { tag: 'approved' }
  | { tag: 'denied' }
  /** Nobody answered in time. */
  | { tag: 'expired' }
  /** A text of the person's own, which the person vouches for. */
  | { tag: 'edited'; val: Handle }

export type Reply =
  | { tag: 'done' }
  | { tag: 'content'; val: Handle }
  | { tag: 'contents'; val: Handle[] }
  /** A plain value: JSON from a gate, text from a reveal. */
  | { tag: 'value'; val: string }
  /** The gate's answer that is not a value of the type. */
  | { tag: 'invalid' }
  | { tag: 'outcome'; val: Outcome }
  /** A person's answer. */
  | { tag: 'said'; val: Said }
  | { tag: 'denied'; val: Denial }
  | { tag: 'failed'; val: string }

export interface NumberedReply {
  id: number
  reply: Reply
}

export interface Batch {
  replies: NumberedReply[]
  /** Output tokens that the run has used so far. */
  outputTokens: number
}

export interface Turn {
  requests: NumberedRequest[]
  /** Set when the orchestrator is done. Requests still running are abandoned. */
  finished: { tag: 'ok'; val: Answer } | { tag: 'err'; val: Failure } | null
}
