import { ConfigError } from '../base/errors.ts'
import { readRtmpStreamUrl } from '../base/rtmp-url.ts'
import type { Setting } from './settings.ts'

/** `pull on demand` is what is pulled as long as somebody plays it. */
export type RelayKind = 'push' | 'pull' | 'pull on demand'

/** One line of [relay], or of an application's section: what is relayed where. */
export interface RelayRule {
  readonly kind: RelayKind
  /** Application and name here: `/live/cam`, or with one `*` for any text: `/live/*`. */
  readonly pattern: string
  /** The stream there, its `*` standing for the same text. A secret: keys stand in it. */
  readonly url: string
}

/** The kind of relay that a key stands for: it is the kind itself, or that and a name of the operator's own. */
const keyPattern = /^(push|pull on demand|pull)(?: +\S.*)?$/

const arrows = { push: '->', pull: '<-', 'pull on demand': '<-' } as const

export function isRelayKey(key: string): boolean {
  return keyPattern.test(key)
}

/**
 * The relays of one section, in which other keys may stand too. `app` is the application that its patterns are about,
 * undefined where they name it themselves. Throws a ConfigError that names the line, and never repeats it: the URLs hold
 * stream keys.
 */
export function readRelays(section: string, written: ReadonlyMap<string, Setting>, app?: string): RelayRule[] {
  const rules: RelayRule[] = []
  for (const [key, { value, where }] of written) {
    const kind = keyPattern.exec(key)?.[1] as RelayKind | undefined
    if (kind === undefined) continue
    const rule = readRule(kind, String(value), app)
    if (typeof rule !== 'string') rules.push(rule)
    else {
      const example = `${key} = ${app === undefined ? '/live/cam' : 'cam'} ${arrows[kind]} rtmp://example.com/live/cam`
      throw new ConfigError('CONFIG_RELAY', `${where}: [${section}] ${key}: ${rule}`, `Write it as in: ${example}`)
    }
  }
  return rules
}

function readRule(kind: RelayKind, text: string, app: string | undefined): RelayRule | string {
  const arrow = arrows[kind]
  const [given = '', url = '', ...more] = text.split(` ${arrow} `).map(part => part.trim())
  if (url === '' || given === '' || more.length > 0) return `expected NAME ${arrow} URL`
  if (app === undefined && !given.startsWith('/'))
    return 'the name begins with the path of its application, as in /live/cam'
  const pattern = app === undefined ? given : `${app}/${given.replace(/^\/+/, '')}`
  if (/\s/.test(pattern) || pattern.endsWith('/')) return 'the name is no name of a stream'
  const stars = count(pattern)
  if (stars > 1) return 'the name has more than one *'
  if (stars === 1 && kind === 'pull') return 'what is always pulled has a name without *; "pull on demand" takes one'
  if (count(url) !== stars)
    return stars === 0 ? 'the URL has a *, the name has none' : 'the URL needs one * as the name has one'
  const read = readRtmpStreamUrl(url)
  return typeof read === 'string' ? read : { kind, pattern, url }
}

function count(text: string): number {
  return text.split('*').length - 1
}
