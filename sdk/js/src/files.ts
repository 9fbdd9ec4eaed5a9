/** Files below the directories that the policy grants. A path is `mount/relative/path`. */
import host from 'lazaret:agent/files@0.1.0'
import type { Mount } from '../generated/files'
import { Content } from './content'
import { attempt } from './error'

export type { Mount }

const held = (call: () => number): Content => new Content(attempt(call))

/** Gives the directories of which this component was granted something, in name order. */
export function granted(): Mount[] {
  return host.granted()
}

/** Gives a file's text, unread. */
export function read(path: string): Content {
  return held(() => host.read(path))
}

/** Gives at most `count` lines of a file's text, unread, from line `first`, counted from 1. */
export function readLines(path: string, first: number, count: number): Content {
  return held(() => host.readLines(path, first, count))
}

/** Says what is at a path, unread: `{kind, bytes, executable}`, or `null`. */
export function stat(path: string): Content {
  return held(() => host.stat(path))
}

/** Gives a directory's entries, unread: `[{name, kind}]`. */
export function list(path: string): Content {
  return held(() => host.list(path))
}

/** Gives the files below a directory that match a pattern, unread: `{paths, more}`. */
export function glob(path: string, pattern: string): Content {
  return held(() => host.glob(path, pattern))
}

/** Gives the lines below a directory that a regular expression matches, unread: `{lines, more}`. */
export function grep(path: string, pattern: string, glob?: string): Content {
  return held(() => host.grep(path, pattern, glob ?? null))
}

/** Replaces a file's text. Missing directories are made. */
export function write(path: string, content: Content): void {
  attempt(() => host.write(path, content.handle))
}

/** Replaces `old`, which must be there once unless `all`. What came of it is in the answer. */
export function edit(path: string, old: string, text: Content, all = false): Content {
  return held(() => host.edit(path, old, text.handle, all))
}

/** Makes a directory and those that it lies in. What came of it is in the answer. */
export function makeDirectory(path: string): Content {
  return held(() => host.makeDirectory(path))
}

/** Removes a file, a link or an empty directory. What came of it is in the answer. */
export function remove(path: string): Content {
  return held(() => host.remove(path))
}

/** Moves a file or a directory within its mount. What came of it is in the answer. */
export function rename(path: string, to: string): Content {
  return held(() => host.rename(path, to))
}
