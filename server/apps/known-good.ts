import { trialMs } from './limits.ts'
import type { PinnedSources } from './wire.ts'

/** Which sources of an application are known to run, for when those in its folder do not. */
export class KnownGood {
  #current: PinnedSources | null = null
  #before: PinnedSources | null = null
  #trialEnds = Number.NEGATIVE_INFINITY
  /** What the folder holds did not compile, did not start, or was taken back. */
  #folderIsBad = false
  /** What is wrong with what was saved last; '' when it serves. */
  trouble = ''

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
    this.saved()
  }

  /** The folder holds something else. */
  saved(): void {
    this.#folderIsBad = false
    this.trouble = ''
  }

  rolledBack(why: string): void {
    if (this.#before) this.#current = this.#before
    this.#before = null
    this.#folderIsBad = true
    this.trouble = why
  }

  /** The process ended: whether that takes back a version that was on trial. */
  lost(now: number, why: string): boolean {
    // Only what a script can do to its process counts: not that somebody ended it.
    if (!why.startsWith('apps.')) return false
    if (now > this.#trialEnds || !this.#before) return false
    this.#trialEnds = Number.NEGATIVE_INFINITY
    this.rolledBack(`its process ended (${why})`)
    return true
  }

  /** What the folder holds does not compile or start: whether there is something else to raise. */
  unusable(why: string): boolean {
    this.trouble = why
    if (this.#folderIsBad || !this.#current) return false
    this.#folderIsBad = true
    return true
  }

  forget(): void {
    this.#current = this.#before = null
    this.saved()
  }
}
