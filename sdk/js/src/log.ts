/** Lines for the operator. Their volume is limited (`log_bytes`); the rest is dropped and counted. */
import host from 'lazaret:agent/log@0.1.0'

/** Writes a line that is only of interest while an agent is developed. */
export function debug(message: string): void {
  host.write('debug', message)
}

/** Writes a line. */
export function info(message: string): void {
  host.write('info', message)
}

/** Writes a line about something that may be wrong. */
export function warn(message: string): void {
  host.write('warn', message)
}

/** Writes a line about something that is wrong. */
export function error(message: string): void {
  host.write('error', message)
}
