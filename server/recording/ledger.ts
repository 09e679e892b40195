import type { FileTaken } from '../hub/archive.ts'

/** Who writes which file, among the processes that record to one folder: no file is written by two of them. */
export interface Ledger {
  /**
   * Resolves with true when this process may write the file, which waits for another that closes it; with false while
   * another one writes it. What this process has already is its own.
   */
  take(taken: FileTaken): Promise<boolean>
  /** Nothing is added to it any more: who wants it waits for its release. */
  ending(file: string): void
  /** It is closed. Harmless for files of others. */
  release(file: string): void
  /** Whether a process writes it. */
  isTaken(file: string): boolean
  /** Resolves with false while it is written; a file that is being closed is waited for. */
  isFree(file: string): Promise<boolean>
}

/** Of a process that is the only one. */
export const ownLedger: Ledger = {
  take: async () => true,
  ending() {},
  release() {},
  isTaken: () => false,
  isFree: async () => true,
}
