// Generated from the contract by `cargo xtask bindings`.
import type { Handle } from './types'

/** A header that this component sets itself. Keys are the host's to add. */
export interface Header {
  name: string
  value: string
}

export interface Request {
  /** `get`, `head`, `post`, `put`, `patch` or `delete`. */
  method: string
  /** `https://host/path?query`. */
  url: string
  headers: Header[]
  /** A content that may be unread: text as it is, anything else as JSON. */
  body: Handle | null
}

/**
 * Pages and services of the web that the policy grants, in place of `wasi:http`.
 *
 * What is asked goes out: the address, the headers and the body are judged as a sink.
 * What comes back is labelled as the policy says of the site.
 */
export interface Functions {
  /**
   * Asks the first granted site that holds the address. The answer is JSON:
   * `{"status", "url", "type", "title", "preview", "text", "json", "bytes"}`.
   * HTML and PDF come as readable text; `json` is there where the answer was JSON.
   */
  fetch(request: Request): Handle
  /**
   * Sends the query, and nothing else, to the configured search service. The answer
   * is the service's JSON.
   */
  search(query: string): Handle
}
