/** Why a call of the host gave no value. */
import type { Denial, DenialKind, Error as HostError } from '../generated/types'

export type { DenialKind }

/** The monitor refused the call. It is a value to go on from: nothing was done. */
export class Denied extends Error {
  override name = 'Denied'
  /** Which kind of rule refused. */
  readonly kind: DenialKind
  /** The rule that decided, such as `taint:tracker.label/number`. */
  readonly rule: string
  /** What is allowed instead. */
  readonly remedy: string

  constructor(denial: Denial) {
    super(`denied by \`${denial.rule}\`: ${denial.message}`)
    this.kind = denial.kind
    this.rule = denial.rule
    this.remedy = denial.remedy
  }
}

/** The call's own words are wrong: a malformed pointer, JSON or schema. */
export class Invalid extends Error {
  override name = 'Invalid'
}

/** The effect was made and failed. */
export class Failed extends Error {
  override name = 'Failed'
}

/** Makes an exception of what the host answered. */
export function errorOf(error: HostError): Error {
  switch (error.tag) {
    case 'denied':
      return new Denied(error.val)
    case 'invalid':
      return new Invalid(error.val)
    case 'failed':
      return new Failed(error.val)
  }
}

/** Calls the host. Where it refuses or fails, an exception with a stack is thrown. */
export function attempt<T>(call: () => T): T {
  try {
    return call()
  } catch (thrown) {
    // The engine wraps what the contract says in an error of its own.
    const said: unknown = (thrown as { payload?: unknown } | null)?.payload ?? thrown
    throw isHostError(said) ? errorOf(said) : thrown
  }
}

function isHostError(thrown: unknown): thrown is HostError {
  const tag = (thrown as HostError | null)?.tag
  return tag === 'denied' || tag === 'invalid' || tag === 'failed'
}

/** Says an exception with its stack, for the operator. */
export function described(thrown: unknown): string {
  if (!(thrown instanceof Error)) {
    return `thrown: ${typeof thrown === 'string' ? thrown : JSON.stringify(thrown)}`
  }
  const stack = (thrown.stack ?? '').trimEnd()
  return stack === '' ? `${thrown.name}: ${thrown.message}` : `${thrown.name}: ${thrown.message}\n${stack}`
}
