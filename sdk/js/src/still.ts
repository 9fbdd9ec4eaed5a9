/** An orchestrator has neither clock nor randomness: the same answers give the same turns. */

const RealDate = Date

function absent(what: string): never {
  throw new Error(`an orchestrator has no ${what}: let an agent or the host say it`)
}

globalThis.Date = class extends RealDate {
  constructor(...parts: unknown[]) {
    if (parts.length === 0) {
      absent('clock')
    }
    // @ts-expect-error: as many as the caller gave
    super(...parts)
  }

  static override now(): number {
    return absent('clock')
  }
} as unknown as DateConstructor

Math.random = () => absent('randomness')
