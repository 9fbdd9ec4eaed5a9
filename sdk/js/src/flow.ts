/**
 * What an orchestrator asks of the host, as promises. What is asked before the next `await`
 * goes out together and runs at the same time; wait for several with `Promise.all`.
 */
import type { Part } from '../generated/types'
import type { Reply, Request } from '../generated/turns'
import type { Closed } from './closed'
import { Denied, Failed } from './error'
import * as desk from './desk'
import { type Held, type Piece, callOf, composed, held, pieceOf } from './held'

export type { Held, Piece }

/** How a child ended, as far as the orchestrator may know. */
export type Ended =
  /** Its answer, unread. */
  | { tag: 'value'; value: Held }
  /** A person skipped or stopped it. */
  | { tag: 'none' }
  /** None of its answers satisfied the schema that its options ask for. */
  | { tag: 'unfit' }
  /** It failed. */
  | { tag: 'failed' }
  /** The bits are spent: how it ended stays inside. */
  | { tag: 'sealed'; value: Held }

/** A child to be spawned. */
export interface Spawn {
  /** What the operator sees beside it. */
  name?: string
  /** The phase that it is shown in; the current one where it is left out. */
  phase?: string
  /** The task's text. The child starts at its label. */
  text?: Piece | Piece[]
  /** Contents that the child holds unread. */
  parts?: Record<string, Held>
  /** `model`, `effort`, `schema`, `timeout_ms`. */
  options?: Record<string, unknown>
}

/** Begins what the host says of a child whose answers missed their schema. */
const UNFIT = 'schema:'

/** Opens a source of the policy with plain arguments. */
export async function open(name: string, args: Record<string, unknown> = {}): Promise<Held> {
  return one(await desk.ask({ tag: 'open', val: callOf(name, args) }))
}

/** Gives the value at a JSON pointer, unread. A missing one is `null`. */
export async function project(content: Held, pointer: string): Promise<Held> {
  return one(await desk.ask({ tag: 'project', val: { content: content.handle, pointer } }))
}

/** Makes a text of pieces; contents among them stay unread. */
export async function concat(...pieces: Piece[]): Promise<Held> {
  return one(await desk.ask({ tag: 'compose-text', val: pieces.map(pieceOf) }))
}

/** Makes a JSON value with contents in it, where `skeleton` has `null`. */
export async function compose(skeleton: unknown, leaves: Record<string, Held>): Promise<Held> {
  return one(await desk.ask({ tag: 'compose-json', val: composed(skeleton, leaves) }))
}

/** Gives the items of a list, at most `max`, unread. Their number may cost bits. */
export async function split(content: Held, max: number): Promise<Held[]> {
  const reply = await desk.ask({ tag: 'split', val: { content: content.handle, max } })
  return reply.tag === 'contents' ? reply.val.map(held) : unexpected(reply)
}

/** Passes a content through a gate; `undefined` where it is not of the type. */
export async function gate<T>(content: Held, type: Closed<T>, rule: string): Promise<T | undefined> {
  const schema = JSON.stringify(type.schema)
  const reply = await desk.ask({ tag: 'gate', val: { content: content.handle, schema, rule } })
  switch (reply.tag) {
    case 'value':
      return JSON.parse(reply.val) as T
    case 'invalid':
      return undefined
    default:
      return unexpected(reply)
  }
}

/** Reads a content as text; the orchestrator carries its label from then on. */
export async function reveal(content: Held): Promise<string> {
  const reply = await desk.ask({ tag: 'reveal', val: content.handle })
  return reply.tag === 'value' ? reply.val : unexpected(reply)
}

/** Reads a content as JSON. */
export async function revealJson<T>(content: Held): Promise<T> {
  return JSON.parse(await reveal(content)) as T
}

/** Starts a child agent of a profile of the policy and waits until it ended. */
export async function spawn(profile: string, child: Spawn = {}): Promise<Ended> {
  const text = child.text === undefined ? [] : Array.isArray(child.text) ? child.text : [child.text]
  const parts: Part[] = Object.entries(child.parts ?? {}).map(([name, part]) => ({ name, content: part.handle }))
  const reply = await desk.ask({
    tag: 'spawn',
    val: {
      profile,
      name: child.name ?? profile,
      phase: child.phase ?? '',
      text: text.map(pieceOf),
      parts,
      options: JSON.stringify(child.options ?? {}),
    },
  })
  if (reply.tag === 'content') {
    return { tag: 'sealed', value: held(reply.val) }
  }
  if (reply.tag !== 'outcome') {
    return unexpected(reply)
  }
  switch (reply.val.tag) {
    case 'value':
      return { tag: 'value', value: held(reply.val.val) }
    case 'none':
      return { tag: 'none' }
    case 'failed':
      return { tag: reply.val.val.startsWith(UNFIT) ? 'unfit' : 'failed' }
  }
}

/** Calls `tool.function`. The answer is unread. */
export async function call(name: string, args: Record<string, unknown> = {}): Promise<Held> {
  return one(await desk.ask({ tag: 'call', val: callOf(name, args) }))
}

/** What a person said to a question; `edited` is a text of the person's own. */
export type Said = { tag: 'approved' } | { tag: 'denied' } | { tag: 'expired' } | { tag: 'edited'; value: Held }

/** Asks a person, who sees where each part came from. */
export async function ask(text: string, parts: Record<string, Held> = {}): Promise<Said> {
  const named = Object.entries(parts).map(([name, part]) => ({ name, content: part.handle }))
  const reply = await desk.ask({ tag: 'ask', val: { text, parts: named } })
  if (reply.tag !== 'said') {
    return unexpected(reply)
  }
  return reply.val.tag === 'edited' ? { tag: 'edited', value: held(reply.val.val) } : reply.val
}

/** Waits for so many milliseconds. */
export async function wait(milliseconds: number): Promise<void> {
  none(await desk.ask({ tag: 'wait', val: milliseconds }))
}

/** Starts a phase of the progress display. */
export async function phase(title: string): Promise<void> {
  none(await desk.ask({ tag: 'phase', val: title }))
}

/** Output tokens that the run had used when the last answers came. */
export function outputTokens(): number {
  return desk.outputTokens()
}

function one(reply: Reply): Held {
  return reply.tag === 'content' ? held(reply.val) : unexpected(reply)
}

function none(reply: Reply): void {
  if (reply.tag !== 'done') {
    unexpected(reply)
  }
}

function unexpected(reply: Reply): never {
  switch (reply.tag) {
    case 'denied':
      throw new Denied(reply.val)
    case 'failed':
      throw new Failed(reply.val)
    default:
      throw new Failed(`the host answered \`${reply.tag}\``)
  }
}

export type { Request }
