import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))

/** What is made, fetched or kept, and not written by us. */
const others = new Set(['node_modules', 'dist', '.git', 'data', 'logs'])

/** Every file that is ours, relative to the root, with forward slashes. */
export function ownFiles(folder = root): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap(entry => {
    const path = join(folder, entry.name)
    if (others.has(entry.name)) return []
    if (entry.isDirectory()) return ownFiles(path)
    return [relative(root, path).replaceAll('\\', '/')]
  })
}

export function readText(file: string): string {
  return readFileSync(join(root, file), 'utf8')
}

export interface Import {
  readonly from: string
  readonly line: number
  /** A file of ours, a package's name, or `node:…`. */
  readonly to: string
  /** Erased before it runs. */
  readonly typeOnly: boolean
}

/** import and export … from '…', import('…'), fork-by-URL left out: what loads, and what is only named in types. */
const importing = /^(import|export)\s+(type\s+)?(?:[^'";]*?\sfrom\s+)?'([^']+)'|\bimport\('([^']+)'\)/gm

export function importsOf(file: string): Import[] {
  const source = readText(file)
  return [...source.matchAll(importing)].map(match => {
    const target = (match[3] ?? match[4])!
    return {
      from: file,
      line: source.slice(0, match.index).split('\n').length,
      to: target.startsWith('.') ? posix.normalize(posix.join(dirname(file), target)) : target,
      typeOnly: match[2] !== undefined,
    }
  })
}

/** Every file that loading `file` loads, itself included, with the packages and `node:` modules among them. */
export function loadedBy(file: string): Set<string> {
  const loaded = new Set<string>()
  const load = (path: string) => {
    if (loaded.has(path)) return
    loaded.add(path)
    if (!path.endsWith('.ts')) return
    for (const { to, typeOnly } of importsOf(path)) if (!typeOnly) load(to)
  }
  load(file)
  return loaded
}
