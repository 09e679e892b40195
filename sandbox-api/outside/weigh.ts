import {
  ArrayBufferClass,
  DataViewClass,
  getOwnPropertyDescriptor,
  list,
  MapClass,
  ownKeys,
  SafeSet,
  SetClass,
  typedArrayName,
  uncurry,
} from '../primordials.ts'

const eachOfMap = uncurry(
  Map.prototype.forEach as (this: Map<unknown, unknown>, visit: (value: unknown, key: unknown) => void) => void,
)
const eachOfSet = uncurry(Set.prototype.forEach as (this: Set<unknown>, visit: (value: unknown) => void) => void)

/** About how many bytes a structured clone takes on its way out: what holds other values 16, a text 2 each character. */
export function weigh(clone: unknown): number {
  const seen = new SafeSet<object>()
  const waiting = list<unknown>()
  waiting[0] = clone
  const add = (value: unknown) => {
    waiting[waiting.length] = value
  }
  let bytes = 0
  while (waiting.length > 0) {
    const value = waiting[waiting.length - 1]
    waiting.length--
    if (typeof value === 'string') bytes += value.length * 2
    else if (typeof value !== 'object' || value === null) bytes += 8
    else if (!seen.has(value)) {
      seen.add(value)
      bytes += 16 + weighObject(value, add)
    }
  }
  return bytes
}

/** What it weighs by itself; what it holds is added. */
function weighObject(value: object, add: (value: unknown) => void): number {
  if (typedArrayName(value) !== undefined || value instanceof ArrayBufferClass || value instanceof DataViewClass) {
    return (value as ArrayBuffer).byteLength
  }
  if (value instanceof MapClass) {
    eachOfMap(value, (item, key) => {
      add(key)
      add(item)
    })
  } else if (value instanceof SetClass) eachOfSet(value, add)
  else {
    const keys = ownKeys(value)
    for (let i = 0; i < keys.length; i++) {
      add(keys[i])
      add(getOwnPropertyDescriptor(value, keys[i]!)?.value)
    }
  }
  return 0
}
