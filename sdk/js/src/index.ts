/**
 * Write agents, orchestrators and tools for Lazaret in JavaScript and TypeScript.
 *
 * The default export of a component's main file says what it is: {@link agent},
 * {@link orchestrator} or {@link tool}. A component imports only the interfaces whose
 * modules it uses.
 */
export { agent } from './agent'
export type { Agent, Task } from './agent'
export { tool } from './tool'
export type { Tool, ToolFunction } from './tool'
export { orchestrator } from './orchestrator'
export type { Orchestrator } from './orchestrator'
export { Content } from './content'
export type { Label, Media, Piece } from './content'
export { Denied, Failed, Invalid } from './error'
export type { DenialKind } from './error'
export type { Answer } from './answer'

export * as clock from './clock'
export * as closed from './closed'
export * as files from './files'
export * as flow from './flow'
export * as gate from './gate'
export * as log from './log'
export * as model from './model'
export * as secrets from './secrets'
export * as tools from './tools'
export * as web from './web'
