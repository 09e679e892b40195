import { readFile, stat } from 'node:fs/promises'
import { setTimeout } from 'node:timers/promises'
import { EMPTY_FILE_MS, MODULE_BYTES, SETTLE_MS, SETTLE_TRIES } from './limits.ts'

/**
 * The text of a file that somebody may be saving at this moment: editors empty a file before they write it anew, and
 * what is read in between would be a version without a single hook. Undefined when it is too large.
 */
export async function readSettled(path: string): Promise<string | undefined> {
  for (let tries = 0; ; tries++) {
    const before = await stat(path)
    if (before.size > MODULE_BYTES) return undefined
    const age = Date.now() - before.mtimeMs
    const isBeingSaved = before.size === 0 && age >= 0 && age < EMPTY_FILE_MS
    if (!isBeingSaved) {
      const text = await readFile(path, 'utf8')
      const after = await stat(path)
      const isSettled = after.size === before.size && after.mtimeMs === before.mtimeMs && after.ino === before.ino
      if (isSettled || tries >= SETTLE_TRIES) return text
    }
    await setTimeout(SETTLE_MS)
  }
}
