/** Pages and services of the web that the policy grants. */
import host from 'lazaret:agent/web@0.1.0'
import { Content } from './content'
import { attempt } from './error'

/** What goes out with a request. Keys are the host's to add. */
export interface Init {
  /** `get`, `head`, `post`, `put`, `patch` or `delete`; `get` where it is left out. */
  method?: string
  headers?: Record<string, string>
  /** A content that may be unread: text as it is, anything else as JSON. */
  body?: Content
}

/**
 * Asks the first granted site that holds the address. The answer is unread JSON:
 * `{status, url, type, title, preview, text, json, bytes}`.
 */
export function fetch(url: string, init: Init = {}): Content {
  const request = {
    method: init.method ?? 'get',
    url,
    headers: Object.entries(init.headers ?? {}).map(([name, value]) => ({ name, value })),
    body: init.body?.handle ?? null,
  }
  return new Content(attempt(() => host.fetch(request)))
}

/** Sends the query, and nothing else, to the configured search service. */
export function search(query: string): Content {
  return new Content(attempt(() => host.search(query)))
}
