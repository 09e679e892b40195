import { isCleanPath, trimSlashes } from '../hub/address.ts'
import type { Place } from '../hub/judge.ts'
import { App, type AppClass } from './app.ts'
import { pathCharsMax } from './limits.ts'

/** Which class stands for which name: names from the network are only ever compared with these. */
export class Installed {
  /** By path: `/live`, '' for URLs without a path. */
  readonly named = new Map<string, AppClass>()
  /** For every other name. */
  fallback: AppClass | null = null

  /** Names without slashes at their ends, '*' for all others. Throws a TypeError. */
  add(apps: Readonly<Record<string, AppClass>>): void {
    for (const [given, Kind] of Object.entries(apps)) {
      const name = trimSlashes(given)
      if (!isCleanPath(name) || (name !== '*' && name.includes('*'))) {
        throw new TypeError(`apps(): ${JSON.stringify(given)} cannot be the name of an application`)
      }
      if (typeof Kind !== 'function' || !(Kind === App || Kind.prototype instanceof App)) {
        throw new TypeError(`apps(): ${JSON.stringify(given)} needs a class that extends App`)
      }
      if (name === '*') this.fallback = Kind
      else this.named.set(pathOf(name), Kind)
    }
  }

  /** The class of an application's path. */
  classOf(path: string): AppClass | null {
    return this.named.get(path) ?? this.fallback
  }

  /** The longest prefix of a URL's path that is a name; what is left over is the room. Under '*' the first part is the name. */
  locate(given: string): Place {
    if (given.length > pathCharsMax) {
      return { found: false, text: `Application ${given.slice(0, 64).toWellFormed()}… does not exist` }
    }
    const segments = given.split('/').filter(segment => segment !== '')
    const place = (depth: number): Place => {
      const app = pathOf(segments.slice(0, depth).join('/'))
      return { found: true, app, room: segments.slice(depth).join('/') }
    }
    const missing: Place = { found: false, text: `Application /${segments.join('/')} does not exist` }
    if (!isCleanPath(segments.join('/'))) return missing
    for (let depth = segments.length; depth > 0; depth--) {
      if (this.named.has(pathOf(segments.slice(0, depth).join('/')))) return place(depth)
    }
    if (segments.length === 0 && this.named.has('')) return place(0)
    return this.fallback ? place(Math.min(1, segments.length)) : missing
  }
}

export function pathOf(name: string): string {
  return name === '' ? '' : `/${name}`
}
