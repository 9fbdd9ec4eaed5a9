// Generated from the contract by `cargo xtask bindings`.

/**
 * A number in this instance's own table that stands for content.
 *
 * Holding one shows what `content.describe` tells, the declared media type
 * and the label, and nothing else: never bytes, length or count. A number
 * that this instance was not given is answered with `unknown-handle`.
 */
export type Handle = number

/** Who may read a content. */
export type Readers =
  /** Everybody, web sites included. */
  | { tag: 'everyone' }
  /** These principals and no others. */
  | { tag: 'only'; val: string[] }

/** Where content came from and who may read it. */
export interface Label {
  /** Taint tags, such as `issue` or `web`. Empty means trusted. */
  taint: string[]
  readers: Readers
}

/** What kind of value a content holds. */
export type Media =
  | 'text'
  | 'json'

/** Which kind of rule refused a call. */
export type DenialKind =
  | 'not-granted'
  | 'taint'
  | 'readers'
  | 'clearance'
  | 'unknown-handle'
  | 'gate'
  | 'limit'
  | 'refused'

/**
 * A refusal. It is a value and never a trap, and it is a function of
 * labels and of the call's shape only.
 */
export interface Denial {
  kind: DenialKind
  /** The rule that decided, such as `taint:tracker.label/number`. */
  rule: string
  /** What was refused, in a sentence. */
  message: string
  /** What is allowed instead. */
  remedy: string
}

/** Why a call gave no value. */
export type Error =
  /** The monitor refused. */
  | { tag: 'denied'; val: Denial }
  /** The call's own words are wrong: a malformed pointer, JSON or schema. */
  | { tag: 'invalid'; val: string }
  /**
   * The effect was made and failed. Given only where the failure does not
   * depend on content above the caller's label; otherwise it stays inside
   * the answered handle as `{"error": …}`.
   */
  | { tag: 'failed'; val: string }

/** A piece of text: written by the caller, or standing for a content. */
export type Piece =
  | { tag: 'literal'; val: string }
  | { tag: 'content'; val: Handle }

/** A named content that goes with a task or an answer. */
export interface Part {
  name: string
  content: Handle
}

/** What an instance is asked to do. */
export interface Task {
  /** The instruction, or the typed input as JSON. The instance starts at its label. */
  text: string
  /** Contents that the instance holds without having read them. */
  parts: Part[]
  /** How to do it, as a JSON object: `model`, `effort`, `schema`. Unknown keys are ignored. */
  options: string
}

/** What an instance gives back. */
export type Answer =
  | { tag: 'text'; val: string }
  | { tag: 'json'; val: string }
  /** A content that the instance holds, read or not. */
  | { tag: 'content'; val: Handle }

/** That an instance could not do what it was asked. */
export interface Failure {
  /**
   * Begins with `schema:` where no attempt of an agent satisfied the schema that its
   * task asks for; the one who started it is told so. What else stands in it is for
   * the operator.
   */
  message: string
}

export type ArgumentValue =
  /** A JSON value written by the caller; it carries the caller's label. */
  | { tag: 'json'; val: string }
  /** A content, dereferenced by the host after its label was checked. */
  | { tag: 'content'; val: Handle }

/** One named argument of a tool's function. */
export interface Argument {
  name: string
  value: ArgumentValue
}

/** One call of a tool's function. */
export interface ToolCall {
  /** `tool.function`, such as `tracker.label`. */
  function: string
  arguments: Argument[]
}

/** What a tool says of one of its functions. */
export interface ToolDescription {
  /** `tool.function`. */
  function: string
  description: string
  /** JSON Schema of the arguments. */
  schema: string
}

/** A content that replaces one value of a JSON skeleton. */
export interface Leaf {
  /** A JSON pointer (RFC 6901) into the skeleton. */
  pointer: string
  content: Handle
}
