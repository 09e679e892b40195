import { adobesHandlers, hookNames } from '../../../sandbox-api/hook-names.ts'
import { edits } from '../../base/edits.ts'
import type { AppCommand, PinnedSources } from '../wire.ts'

const top = /^(?:export\s+)?(?:async\s+)?(?:function\s*\*?\s*|const\s+|let\s+|var\s+)(on\w+)/gim

/** From so many letters on two edits are a slip; in shorter names they make another word. */
const longName = 12

/** Handlers of Adobe's, by the name they have here. */
const adobes = new Map(Object.entries(adobesHandlers).map(([hook, handler]) => [handler, hook]))

/**
 * Top-level names that are nearly a hook's: nobody calls them, and nothing else would say so. One that the script itself
 * names again is a helper of its own.
 */
export function hookTypos({ main, sources }: PinnedSources): AppCommand[] {
  const { code = '', file = '' } = sources.find(({ id }) => id === main) ?? {}
  if (file.endsWith('.asc')) return []
  const found: AppCommand[] = []
  for (const { 0: words, 1: name = '', index } of code.matchAll(top)) {
    const meant = meantBy(name)
    const rest = code.slice(0, index) + code.slice(index + words.length)
    if (meant === undefined || new RegExp(`\\b${name}\\b`).test(rest)) continue
    const line = code.slice(0, index).split('\n').length
    const text = `${name} is no hook and is never called: ${meant} is one`
    found.push({ c: 'log', level: 'warn', text, file, line })
  }
  return found
}

/** The hook whose name was probably meant: in other case, with one letter wrong, or as Adobe's server calls it. */
function meantBy(name: string): string | undefined {
  if ((hookNames as readonly string[]).includes(name)) return undefined
  const most = name.length >= longName ? 2 : 1
  const near = hookNames.find(hook => edits(hook.toLowerCase(), name.toLowerCase()) <= most)
  return adobes.get(name) ?? near
}
