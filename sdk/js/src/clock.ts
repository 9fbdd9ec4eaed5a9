/** Virtual time and seeded randomness: the same in a replay as in the run. */
import host from 'lazaret:agent/clock@0.1.0'

/** Milliseconds since 1970 at which this instance started. It stands still while it runs. */
export function now(): number {
  return host.now()
}

/** The next number of this instance's own seeded sequence, from 0 up to but without 1. */
export function unit(): number {
  // A number of 64 bits arrives rounded to 53, and the largest would round up to 1.
  return Math.min(host.random() / 2 ** 64, 1 - 2 ** -53)
}

/** A whole number of the sequence, from 0 up to but without `below`. */
export function below(limit: number): number {
  return Math.floor(unit() * limit)
}
