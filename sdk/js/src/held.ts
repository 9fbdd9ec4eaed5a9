/** Contents as an orchestrator holds them: it has no interface through which it could read one. */
import type { Leaf, Piece as HostPiece, ToolCall } from '../generated/types'

/** A content, unread. */
export interface Held {
  readonly handle: number
  /** Never there: it tells a content from other values where one is answered. */
  project(): never
}

/** A piece of a text: written here, or a content that stays unread. */
export type Piece = string | Held

class Unread {
  readonly handle: number

  constructor(handle: number) {
    this.handle = handle
  }

  project(): never {
    throw new TypeError('an orchestrator asks for a part with `flow.project`')
  }
}

/** Stands for the content with this number. */
export function held(handle: number): Held {
  return new Unread(handle)
}

/** Names a piece for the host. */
export function pieceOf(piece: Piece): HostPiece {
  return typeof piece === 'string' ? { tag: 'literal', val: piece } : { tag: 'content', val: piece.handle }
}

/** Names a composition for the host. */
export function composed(skeleton: unknown, leaves: Record<string, Held>): { skeleton: string; leaves: Leaf[] } {
  return {
    skeleton: JSON.stringify(skeleton ?? null),
    leaves: Object.entries(leaves).map(([pointer, content]) => ({ pointer, content: content.handle })),
  }
}

/** Names a call for the host: contents go unread, anything else as JSON. */
export function callOf(name: string, args: Record<string, unknown>): ToolCall {
  return {
    function: name,
    arguments: Object.entries(args).map(([name, value]) => ({
      name,
      value: value instanceof Unread
        ? { tag: 'content', val: value.handle }
        : { tag: 'json', val: JSON.stringify(value ?? null) },
    })),
  }
}
