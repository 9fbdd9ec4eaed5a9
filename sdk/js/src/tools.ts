/** Functions of the tools that the policy grants. */
import host from 'lazaret:agent/tools@0.1.0'
import type { ToolCall, ToolDescription } from '../generated/types'
import { Content, written } from './content'
import { attempt, errorOf } from './error'

/** Arguments by name: a {@link Content} goes unread, anything else as JSON at this component's label. */
export type Arguments = Record<string, unknown>

/** Names a call for the host. */
export function callOf(name: string, args: Arguments): ToolCall {
  return {
    function: name,
    arguments: Object.entries(args).map(([name, value]) => ({
      name,
      value: value instanceof Content
        ? { tag: 'content', val: value.handle }
        : { tag: 'json', val: written(value) },
    })),
  }
}

/** Returns the functions that this component was granted, in name order. */
export function available(): ToolDescription[] {
  return host.available()
}

/**
 * Calls `tool.function`. The answer is a content, unread.
 * @throws {Denied} where an argument carries a taint that the function does not tolerate.
 */
export function call(name: string, args: Arguments = {}): Content {
  return new Content(attempt(() => host.call(callOf(name, args))))
}

/** Calls several functions at the same time; the answers come in the calls' order. */
export function callAll(calls: [name: string, args: Arguments][]): (Content | Error)[] {
  const answers = host.callAll(calls.map(([name, args]) => callOf(name, args)))
  return answers.map((answer) => answer.tag === 'ok' ? new Content(answer.val) : errorOf(answer.val))
}
