import { IpRanges } from '../base/ip-ranges.ts'
import { lineage } from './catalog.ts'
import { bansMax } from './limits.ts'

/** What a client reads whose address an application keeps out. */
export const bannedText = 'address is banned'

/** Whom applications keep out, by address. A ban counts in the application's folders too; the root's is the server's. */
export class Bans {
  readonly #byApp = new Map<string, IpRanges>()

  /** Gives those that were not taken: there is a limit for each application. */
  add(app: string, entries: readonly string[]): string[] {
    let ranges = this.#byApp.get(app)
    if (!ranges) {
      ranges = new IpRanges(bansMax)
      this.#byApp.set(app, ranges)
    }
    return entries.filter(entry => !ranges.add(entry))
  }

  remove(app: string, entries: readonly string[]): void {
    for (const entry of entries) this.#byApp.get(app)?.remove(entry)
  }

  /** Is the address kept out of that application? */
  cover(app: string, ip: string): boolean {
    if (this.#byApp.size === 0) return false
    return lineage(app).some(each => this.#byApp.get(each)?.covers(ip))
  }

  /** Those of one application. */
  of(app: string): readonly string[] {
    return this.#byApp.get(app)?.texts ?? []
  }
}
