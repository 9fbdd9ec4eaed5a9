/** The requests of this turn, and who waits for which answer. */
import type { Batch, NumberedRequest, Reply, Request } from '../generated/turns'

let next = 0
let outgoing: NumberedRequest[] = []
let tokens = 0
const waiting = new Map<number, (reply: Reply) => void>()

/** Puts a request into this turn; settles when a later batch answers it. */
export function ask(request: Request): Promise<Reply> {
  const id = next
  next += 1
  outgoing.push({ id, request })
  return new Promise((resolve) => { waiting.set(id, resolve) })
}

/** Hands the answers to those who wait. */
export function deliver(batch: Batch): void {
  tokens = batch.outputTokens
  for (const { id, reply } of batch.replies) {
    waiting.get(id)?.(reply)
    waiting.delete(id)
  }
}

/** Takes what was asked since the last turn. */
export function take(): NumberedRequest[] {
  const taken = outgoing
  outgoing = []
  return taken
}

/** Whether any answer is still to come. */
export function isWaiting(): boolean {
  return waiting.size > 0
}

/** Output tokens of the run so far. */
export function outputTokens(): number {
  return tokens
}
