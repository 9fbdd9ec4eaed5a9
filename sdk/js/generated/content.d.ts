// Generated from the contract by `cargo xtask bindings`.
import type { Handle, Label, Leaf, Media, Piece } from './types'

/** What a handle shows without reading it. */
export interface Description {
  media: Media
  label: Label
}

/** Values that the host holds under a label. */
export interface Functions {
  /** Makes a text at the caller's current label. Limit: `content-bytes`. */
  createText(text: string): Handle
  /** Makes a JSON value at the caller's current label. */
  createJson(json: string): Handle
  /** Gives the media type and the label. */
  describe(content: Handle): Description
  /**
   * Raises the caller's label and gives the text, or the JSON as text.
   * Refused where the label would rise over the clearance.
   */
  read(content: Handle): string
  /**
   * Gives a handle of the value at a JSON pointer, without reading it.
   * A missing field gives a handle of `null`.
   */
  project(content: Handle, pointer: string): Handle
  /** Makes a text of pieces; contents in it stay unread and keep their labels. */
  composeText(pieces: Piece[]): Handle
  /** Makes a JSON value whose leaves are contents. */
  composeJson(skeleton: string, leaves: Leaf[]): Handle
  /**
   * Gives a handle for each item of a JSON list, at most `max` of them.
   * The number of handles is a gate of log2(max + 1) bits where the list is
   * above the caller's label.
   */
  split(content: Handle, max: number): Handle[]
}
