import { Collection } from './collection.ts'
import { REDIRECT_DEPTH, REDIRECT_TEXT, REDIRECTS } from './limits.ts'
import { isArray, list, TypeErrorClass } from './primordials.ts'

/** "again", host:port, an IPv6 address, or a URL: nothing in it may end the text of a URL early. */
const address = /^[^\s/?#@\\]+$/
const url = /^[a-z][a-z0-9+.-]*:\/\/[^\s\\]+$/i

/** What a script says of where a client is to go, flat and in order. Throws a TypeError for anything else. */
export function readRedirects(what: string, given: unknown): string[] {
  const found = list<string>()
  gather(what, given, found, 0)
  return found
}

/** One address or URL. Throws a TypeError that names it. */
export function readRedirect(what: string, given: unknown): string {
  if (typeof given === 'string' && given.length <= REDIRECT_TEXT) {
    if (address.test(given) || url.test(given)) return given
  }
  const shown = typeof given === 'string' ? `"${given.length > 64 ? `${given.slice(0, 64)}…` : given}"` : typeof given
  throw new TypeErrorClass(`${what}: ${shown} is no address (host:port) and no URL`)
}

function gather(what: string, given: unknown, found: string[], depth: number): void {
  if (given === undefined || given === null || given === true) return
  if (found.length >= REDIRECTS || depth > REDIRECT_DEPTH) {
    throw new TypeErrorClass(`${what}: at most ${REDIRECTS} addresses, in arrays at most ${REDIRECT_DEPTH} deep`)
  }
  if (isArray(given)) {
    for (let i = 0; i < given.length; i++) gather(what, given[i], found, depth + 1)
  } else if (given instanceof Collection) {
    for (const [, member] of given) gather(what, member, found, depth + 1)
  } else if (typeof given === 'object') {
    gather(what, (given as { publicAddress?: unknown }).publicAddress ?? '', found, depth + 1)
  } else found[found.length] = readRedirect(what, given)
}
