// Generated from the contract by `cargo xtask bindings`.
import type { Handle } from './types'

export type Role =
  | 'system'
  | 'user'
  | 'assistant'
  | 'tool'

export type Effort =
  | 'low'
  | 'medium'
  | 'high'
  | 'xhigh'
  | 'max'

export interface ToolUse {
  id: string
  name: string
  /** JSON. */
  arguments: string
}

export interface ToolResult {
  id: string
  content: Handle
  isError: boolean
}

/** A part of a message: written by the caller, or a content by reference. */
export type Block =
  | { tag: 'text'; val: string }
  /**
   * A content by reference. One that is as a whole the `data:` URL of a PNG, JPEG, GIF or
   * WebP picture, as reading such a file gives, is shown as that picture.
   */
  | { tag: 'content'; val: Handle }
  /** A call that the model asked for in an earlier answer. */
  | { tag: 'tool-use'; val: ToolUse }
  /** What a call gave; a picture is shown as one. */
  | { tag: 'tool-result'; val: ToolResult }
  /**
   * What the model thought before, as its answer gave it. Some providers want it back,
   * unchanged, before the calls that it led to; for all others it is left out.
   */
  | { tag: 'reasoning'; val: string }

export interface Message {
  role: Role
  blocks: Block[]
}

export interface ToolSpec {
  name: string
  description: string
  /** JSON Schema. */
  schema: string
}

export interface Request {
  /** An alias of the policy, or empty for the instance's own. */
  model: string
  effort: Effort | null
  maxOutputTokens: number | null
  messages: Message[]
  tools: ToolSpec[]
  /** JSON Schema that the answer's text should satisfy. */
  schema: string | null
}

/** Language models. Keys and addresses stay with the host. */
export interface Functions {
  /**
   * Asks a model. The answer is JSON by handle:
   * `{"text": string, "reasoning": [string],
   *   "tool_calls": [{"id", "name", "arguments", "malformed"}], "stop": string,
   *   "usage": {"input": n, "output": n}}`.
   */
  ask(request: Request): Handle
}
