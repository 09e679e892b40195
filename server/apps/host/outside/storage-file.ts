import { createHash } from 'node:crypto'
import { join } from 'node:path'

/** Longest name that is spelled out, in characters; file systems take 255 bytes, and SQLite adds some. */
const nameMax = 180

/** The file in which the application at `path` keeps its values: `storage/chat~kid.sqlite` for /chat/kid. */
export function storageFile(dataFolder: string, path: string): string {
  return join(dataFolder, 'storage', `${spelledPath(path)}.sqlite`)
}

/**
 * An application's path as the name of a file: `chat~kid` for /chat/kid, `~` for the root. Whatever else a folder may be
 * called is spelled in hexadecimal, so that no two are alike.
 */
export function spelledPath(path: string): string {
  const spelled = path
    .slice(1)
    .replace(/[^A-Za-z0-9_-]/gu, each => (each === '/' ? '~' : `%${Buffer.from(each).toString('hex')}`))
  return spelled.length <= nameMax ? spelled || '~' : `~${createHash('sha256').update(path).digest('hex')}`
}
