import { createHash } from 'node:crypto'
import { join } from 'node:path'

/** Longest name that is spelled out, in characters; file systems take 255 bytes, and SQLite adds some. */
const nameMax = 180

/**
 * The file in which the application at `path` keeps its values: `storage/chat~kid.sqlite` for /chat/kid, `storage/~.sqlite`
 * for the root. Whatever else a folder may be called is spelled in hexadecimal, so that no two are alike.
 */
export function storageFile(dataFolder: string, path: string): string {
  const spelled = path
    .slice(1)
    .replace(/[^A-Za-z0-9_-]/gu, each => (each === '/' ? '~' : `%${Buffer.from(each).toString('hex')}`))
  const name = spelled.length <= nameMax ? spelled || '~' : `~${createHash('sha256').update(path).digest('hex')}`
  return join(dataFolder, 'storage', `${name}.sqlite`)
}
