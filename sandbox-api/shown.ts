import { getOwnPropertyDescriptor, getPrototypeOf, ownKeys, SafeMap, SafeSet } from './primordials.ts'

/** Members that say nothing new, or nothing that could be read. */
const unshown = new SafeSet<string>()
for (const name of ['rawId', 'writer', 'onManage', 'adopted', 'subtle']) unshown.add(name)

/** By prototype: the getters that a log and the REPL show of the runtime's objects; calling them runs nothing of a script's. */
const members = new SafeMap<object, readonly string[]>()

export function showMembers(prototype: object): void {
  const names: string[] = []
  const keys = ownKeys(prototype)
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i]!
    if (typeof key === 'symbol' || unshown.has(key)) continue
    if (getOwnPropertyDescriptor(prototype, key)!.get !== undefined) names[names.length] = key
  }
  members.set(prototype, names)
}

/** Undefined for what is none of the runtime's objects. */
export function memberNames(value: object): readonly string[] | undefined {
  const prototype = getPrototypeOf(value)
  return prototype === null ? undefined : members.get(prototype)
}
