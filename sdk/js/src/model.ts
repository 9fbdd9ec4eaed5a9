/** Language models. Keys and addresses stay with the host. */
import host from 'lazaret:agent/model@0.1.0'
import type { Block as HostBlock, Effort, Role, ToolSpec, ToolUse } from '../generated/model'
import { Content, parsed, written } from './content'
import { attempt } from './error'

export type { Effort, Role, ToolSpec }

/** A part of a message: text, a content that stays unread here, or a tool's call and its result. */
export type Block = string | Content
  | { use: { id: string; name: string; arguments: unknown } }
  | { result: { id: string; content: Content; isError?: boolean } }

/** A message of a conversation. */
export interface Message {
  role: Role
  blocks: Block[]
}

/** What may be said of a request besides its messages. */
export interface Options {
  /** An alias of the policy; the component's own where it is left out. */
  model?: string
  effort?: Effort
  maxOutputTokens?: number
  tools?: { name: string; description: string; schema: object }[]
  /** JSON Schema that the answer's text should satisfy. */
  schema?: object
}

/** What an answer holds, once it is read. */
export interface Reply {
  text: string
  tool_calls: { id: string; name: string; arguments: unknown }[]
  stop: string
  usage: { input: number; output: number }
}

/**
 * Asks a model. A string is one message of the user's. The answer is a {@link Reply} by
 * handle, unread.
 */
export function ask(messages: string | Message[], options: Options = {}): Content {
  const list: Message[] = typeof messages === 'string' ? [{ role: 'user', blocks: [messages] }] : messages
  const request = {
    model: options.model ?? '',
    effort: options.effort ?? null,
    maxOutputTokens: options.maxOutputTokens ?? null,
    messages: list.map((message) => ({ role: message.role, blocks: message.blocks.map(blockOf) })),
    tools: (options.tools ?? []).map((tool) => ({ ...tool, schema: written(tool.schema) })),
    schema: options.schema === undefined ? null : written(options.schema),
  }
  return new Content(attempt(() => host.ask(request)))
}

function blockOf(block: Block): HostBlock {
  if (typeof block === 'string') {
    return { tag: 'text', val: block }
  }
  if (block instanceof Content) {
    return { tag: 'content', val: block.handle }
  }
  if ('use' in block) {
    const use: ToolUse = { ...block.use, arguments: written(block.use.arguments) }
    return { tag: 'tool-use', val: use }
  }
  const { id, content, isError } = block.result
  return { tag: 'tool-result', val: { id, content: content.handle, isError: isError ?? false } }
}

/** Asks a model and reads what it says. */
export function text(messages: string | Message[], options: Options = {}): string {
  return ask(messages, options).readJson<Reply>().text
}

/** Asks a model for JSON that satisfies a schema, and reads it. */
export function json<T>(messages: string | Message[], schema: object, options: Options = {}): T {
  return parsed(text(messages, { ...options, schema })) as T
}
