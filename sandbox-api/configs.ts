import { freeze, hasOwn, ownKeys, SafeMap, setOwn } from './primordials.ts'

type Section = Record<string, unknown>

/** server.configs, with each of its sections: iterates as [key, value], and stays as it is. */
export function shownConfigs(section: Section): Section {
  const keys = ownKeys(section) as string[]
  for (let i = 0; i < keys.length; i++) {
    const value = section[keys[i]!]
    if (typeof value === 'object' && value !== null) shownConfigs(value as Section)
  }
  if (!hasOwn(section, Symbol.iterator)) setOwn(section, Symbol.iterator, () => entriesOf(section, keys), false)
  return freeze(section)
}

function entriesOf(section: Section, keys: readonly string[]): IterableIterator<[string, unknown]> {
  const entries = new SafeMap<string, unknown>()
  for (let i = 0; i < keys.length; i++) entries.set(keys[i]!, section[keys[i]!])
  return entries.entries()
}
