// Generated from the contract by `cargo xtask bindings`.
import type { Handle } from './types'

/** A directory that this instance was granted something of. */
export interface Mount {
  name: string
  /** Whether it may be written to. */
  writable: boolean
}

/**
 * Files below the directories that the policy grants.
 *
 * A path is `mount/relative/path`, where `mount` is a name of the policy.
 * There is no current directory, and no path leads out of a mount. What the
 * policy hides is not there.
 */
export interface Functions {
  /** Gives the directories of which this instance was granted something, in name order. */
  granted(): Mount[]
  /**
   * Gives a file's text: of a PDF the text in it; of a PNG, JPEG, GIF or WebP picture its
   * `data:` URL, which a model is shown as the picture; of another image, or one of more than
   * 3.75 MB, a line on what it is.
   * Its label is the mount's, joined with that of whoever wrote the file in this run.
   */
  read(path: string): Handle
  /** Gives at most `count` lines of a file's text, from line `first`, counted from 1. */
  readLines(path: string, first: number, count: number): Handle
  /**
   * Gives `{"kind", "bytes", "executable"}`; the kind is `file`, `directory`, `link` or
   * `other`. `null` where there is nothing.
   */
  stat(path: string): Handle
  /** Gives a directory's entries, in name order: `[{"name", "kind"}]`. */
  list(path: string): Handle
  /**
   * Gives the files below a directory whose path from there matches a pattern, in order:
   * `{"paths": […], "more": bool}`. `*` stays within a name, `**` does not.
   */
  glob(path: string, pattern: string): Handle
  /**
   * Gives the lines below a directory that a regular expression matches:
   * `{"lines": [{"path", "line", "text"}], "more": bool}`, in files that match `glob`.
   */
  grep(path: string, pattern: string, glob: string | null): Handle
  /** Replaces a file's text with a content that may be unread. Missing directories are made. */
  write(path: string, content: Handle): void
  /**
   * Replaces `old`, which must be there exactly once unless `all`, with a content that may
   * be unread. Gives `{"replaced": n}` or `{"error": …}`.
   */
  edit(path: string, old: string, new_: Handle, all: boolean): Handle
  /** Makes a directory and those that it lies in. Gives `{"done": true}` or `{"error": …}`. */
  makeDirectory(path: string): Handle
  /** Removes a file, a link or an empty directory. Gives `{"done": true}` or `{"error": …}`. */
  remove(path: string): Handle
  /**
   * Moves a file or a directory within its mount, over nothing. Gives `{"done": true}` or
   * `{"error": …}`.
   */
  rename(path: string, to: string): Handle
}
