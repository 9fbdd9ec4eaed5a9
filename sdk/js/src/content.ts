/** Contents: values that the host holds under a label, and that a component may hold unread. */
import host from 'lazaret:agent/content@0.1.0'
import type { Label, Media, Piece as HostPiece, Leaf } from '../generated/types'
import { Failed, Invalid, attempt } from './error'

export type { Label, Media }

/** A piece of a text: written here, or a content that stays unread. */
export type Piece = string | Content

/** A content, by handle. Holding it shows its label and nothing of its bytes. */
export class Content {
  /** The number in this instance's own table. */
  readonly handle: number

  /** Stands for the content with this number, if there is one. */
  constructor(handle: number) {
    this.handle = handle
  }

  /** Makes a text at this component's label. Limit: `content-bytes`. */
  static text(text: string): Content {
    return new Content(attempt(() => host.createText(text)))
  }

  /** Makes a JSON value at this component's label. Limit: `content-bytes`. */
  static json(value: unknown): Content {
    return new Content(attempt(() => host.createJson(written(value))))
  }

  /**
   * Makes a JSON value with contents in it that stay unread and keep their labels.
   * `skeleton` has `null` where each pointer of `leaves` leads.
   */
  static compose(skeleton: unknown, leaves: Record<string, Content>): Content {
    return new Content(attempt(() => host.composeJson(written(skeleton), placed(leaves))))
  }

  /** Makes a text of pieces; contents among them stay unread. */
  static concat(...pieces: Piece[]): Content {
    return new Content(attempt(() => host.composeText(pieces.map(pieceOf))))
  }

  /** Where the content came from and who may read it. */
  get label(): Label {
    return attempt(() => host.describe(this.handle)).label
  }

  /** Whether the content is a text or JSON. */
  get media(): Media {
    return attempt(() => host.describe(this.handle)).media
  }

  /**
   * Reads the content. This component carries its label from then on.
   * @throws {Denied} by `clearance` where the label would rise over what it may read.
   */
  read(): string {
    return attempt(() => host.read(this.handle))
  }

  /**
   * Reads a JSON content. The failure of an effect that had to stay inside its answer is
   * thrown as {@link Failed}.
   */
  readJson<T = unknown>(): T {
    const value = parsed(this.read())
    const keys = typeof value === 'object' && value !== null ? Object.keys(value) : []
    if (keys.length === 1 && keys[0] === 'error' && typeof (value as { error: unknown }).error === 'string') {
      throw new Failed((value as { error: string }).error)
    }
    return value as T
  }

  /** Gives the value at a JSON pointer, unread. A missing one is `null`. */
  project(pointer: string): Content {
    return new Content(attempt(() => host.project(this.handle, pointer)))
  }

  /** Gives the items of a list, at most `max`, unread. Their number may cost bits. */
  split(max: number): Content[] {
    return attempt(() => host.split(this.handle, max)).map((handle) => new Content(handle))
  }
}

/** Writes a value as JSON. */
export function written(value: unknown): string {
  const text = JSON.stringify(value)
  if (text === undefined) {
    throw new Invalid(`a ${typeof value} is no JSON value`)
  }
  return text
}

/** Parses JSON. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new Invalid(`malformed JSON: ${(error as Error).message}`)
  }
}

/** Names a piece for the host. */
export function pieceOf(piece: Piece): HostPiece {
  return typeof piece === 'string' ? { tag: 'literal', val: piece } : { tag: 'content', val: piece.handle }
}

/** Names the leaves of a composition for the host. */
export function placed(leaves: Record<string, Content>): Leaf[] {
  return Object.entries(leaves).map(([pointer, content]) => ({ pointer, content: content.handle }))
}
