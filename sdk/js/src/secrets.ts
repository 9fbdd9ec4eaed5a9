/** Keys and tokens that the host adds at the border: here one can only ask whether one is there. */
import host from 'lazaret:agent/secrets@0.1.0'

/** Returns whether a secret is set that something granted to this component uses. */
export function exists(name: string): boolean {
  return host.exists(name)
}
