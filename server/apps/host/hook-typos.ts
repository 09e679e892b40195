import { hookNames } from '../../../sandbox-api/hook-names.ts'
import type { AppCommand, PinnedSources } from '../wire.ts'

const top = /^(?:export\s+)?(?:async\s+)?(?:function\s*\*?\s*|const\s+|let\s+|var\s+)(on\w+)/gim

/** Letters that may be wrong, missing or too many in a name that was meant to be a hook's. */
const lettersMax = 2

/** Top-level names that are nearly a hook's: nobody calls them, and nothing else would say so. */
export function hookTypos({ main, sources }: PinnedSources): AppCommand[] {
  const { code = '', file = '' } = sources.find(({ id }) => id === main) ?? {}
  if (file.endsWith('.asc')) return []
  const names = new Set<string>(hookNames)
  const found: AppCommand[] = []
  for (const { 1: name = '', index } of code.matchAll(top)) {
    if (names.has(name)) continue
    const meant = hookNames.find(hook => distance(hook.toLowerCase(), name.toLowerCase()) <= lettersMax)
    if (meant === undefined) continue
    const line = code.slice(0, index).split('\n').length
    const text = `${name} is no hook and is never called: ${meant} is one`
    found.push({ c: 'log', level: 'warn', text, file, line })
  }
  return found
}

/** How many letters have to be changed, put in or taken out to make one of the other. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const changed = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(changed, row[j]! + 1, next[j - 1]! + 1))
    }
    row = next
  }
  return row[b.length]!
}
