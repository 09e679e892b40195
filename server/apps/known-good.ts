import { trialMs } from './limits.ts'
import type { PinnedSources } from './wire.ts'

/** Which sources of an application are known to run, for when those in its folder do not. */
export class KnownGood {
  #current: PinnedSources | null = null
  #before: PinnedSources | null = null
  #trialEnds = Number.NEGATIVE_INFINITY
  /** What the folder holds did not compile, did not start, or was taken back. */
  #folderIsBad = false

  /** What to raise in place of what the folder holds; null when that is to be tried. */
  get pinned(): PinnedSources | null {
    return this.#folderIsBad ? this.#current : null
  }

  started(sources: PinnedSources): void {
    this.#current = sources
  }

  reloaded(sources: PinnedSources, now: number): void {
    this.#before = this.#current
    this.#current = sources
    this.#trialEnds = now + trialMs
    this.#folderIsBad = false
  }

  /** The folder holds something else. */
  saved(): void {
    this.#folderIsBad = false
  }

  rolledBack(): void {
    if (this.#before) this.#current = this.#before
    this.#before = null
    this.#folderIsBad = true
  }

  /** The process ended: whether that takes back a version that was on trial. */
  lost(now: number): boolean {
    if (now > this.#trialEnds || !this.#before) return false
    this.#trialEnds = Number.NEGATIVE_INFINITY
    this.rolledBack()
    return true
  }

  /** What the folder holds does not compile or start: whether there is something else to raise. */
  unusable(): boolean {
    if (this.#folderIsBad || !this.#current) return false
    this.#folderIsBad = true
    return true
  }

  forget(): void {
    this.#current = this.#before = null
    this.#folderIsBad = false
  }
}
