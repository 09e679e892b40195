/** One key of the configuration: how it is written, what it becomes, and what a person needs to know. */
export interface Key<Value> {
  /** What stands in CumulusServer.ini when nobody chose otherwise. */
  readonly default: string
  /** The unit of a bare number, in the plural; empty where there is none. */
  readonly unit: string
  /** What it is for: one sentence. */
  readonly sentence: string
  /** Completes "expected …" in an error. */
  readonly expected: string
  /** A path, which starts from the folder of who wrote it. */
  readonly isFile?: boolean
  /** The value a text stands for; undefined when it stands for none. */
  parse(text: string): Value | undefined
  /** What exactly is wrong with a text that parse() has no value for, where that can be said. */
  complaint?(text: string): string
}

export type ValueOf<K> = K extends Key<infer Value> ? Value : never

interface Bounds {
  readonly default: string
  readonly min: number
  readonly max: number
  readonly sentence: string
  readonly unit?: string
}

/** A count: digits only, no sign, no fraction. */
export function whole({ default: standard, min, max, sentence, unit = '' }: Bounds): Key<number> {
  return {
    default: standard,
    unit,
    sentence,
    expected: `a whole number from ${grouped(min)} to ${grouped(max)}`,
    parse(text) {
      if (!/^\d{1,15}$/.test(text)) return undefined
      return within(Number(text), min, max)
    },
  }
}

/** A count, or `auto` for the one that fits the machine. */
export function wholeOrAuto({ auto, ...bounds }: Bounds & { auto(): number }): Key<number> {
  const key = whole(bounds)
  return {
    ...key,
    expected: `auto or ${key.expected}`,
    parse: text => (text === 'auto' ? auto() : key.parse(text)),
  }
}

/** A TCP port, 0 for any free one, or `off` for none: null. */
export function portOrOff({ sentence }: { sentence: string }): Key<number | null> {
  const key = whole({ default: '0', min: 0, max: 65_535, sentence })
  return {
    ...key,
    default: 'off',
    expected: `off or ${key.expected}`,
    parse: text => (text === 'off' ? null : key.parse(text)),
  }
}

const milliseconds = new Map([
  ['ms', 1],
  ['s', 1000],
  ['min', 60_000],
])
const bytes = new Map([
  ['B', 1],
  ['KiB', 1024],
  ['MiB', 1024 ** 2],
  ['GiB', 1024 ** 3],
])

/** A time in milliseconds. A bare number counts seconds, or milliseconds where the key's name ends in Ms. */
export function time(bounds: Bounds & { readonly unit: 'seconds' | 'milliseconds' }): Key<number> {
  return quantity(bounds, milliseconds, bounds.unit === 'seconds' ? 's' : 'ms', 'a time')
}

/** A size in bytes; a bare number counts bytes. */
export function size(bounds: Bounds): Key<number> {
  return quantity({ unit: 'bytes', ...bounds }, bytes, 'B', 'a size')
}

/** `min` and `max` are in the base unit (milliseconds, bytes); the value must come out whole in it. */
function quantity(bounds: Bounds, factors: Map<string, number>, bare: string, noun: string): Key<number> {
  const { min, max, unit = '' } = bounds
  const units = [...factors.keys()].join(', ')
  return {
    default: bounds.default,
    unit,
    sentence: bounds.sentence,
    expected: `${noun} from ${spoken(min, factors)} to ${spoken(max, factors)} (${units}; a bare number counts ${unit})`,
    parse(text) {
      const match = /^(\d{1,15}(?:\.\d{1,6})?)\s*([A-Za-z]*)$/.exec(text)
      const factor = match && factors.get(match[2] || bare)
      if (!factor) return undefined
      const value = Math.round(Number(match[1]) * factor * 1e6) / 1e6
      return Number.isInteger(value) ? within(value, min, max) : undefined
    },
  }
}

export function choice<const Word extends string>(
  words: readonly Word[],
  key: { default: NoInfer<Word>; sentence: string },
): Key<Word> {
  return { ...key, unit: '', expected: `one of ${words.join(', ')}`, parse: text => words.find(word => word === text) }
}

export function flag(key: { default: 'true' | 'false'; sentence: string }): Key<boolean> {
  return {
    ...key,
    unit: '',
    expected: 'true or false',
    parse: text => (text === 'true' ? true : text === 'false' ? false : undefined),
  }
}

export function text(key: { default: string; sentence: string }): Key<string> {
  return { ...key, unit: '', expected: 'a text', parse: text => text }
}

/** Where a client may be sent: an address, or a URL; '' is nowhere. */
export function destination(key: { default: string; sentence: string }): Key<string> {
  const isOne = (text: string) => /^(|[^\s/?#@\\]+|[a-z][a-z0-9+.-]*:\/\/[^\s\\]+)$/i.test(text)
  return { ...key, unit: '', expected: 'host:port or a URL', parse: text => (isOne(text) ? text : undefined) }
}

/** A folder; the reader of the file makes it absolute, beside the file it stands in. */
export interface FolderKey extends Key<string> {
  readonly folder: true
}

export function folder(key: { sentence: string }): FolderKey {
  return { ...text({ default: '', sentence: key.sentence }), expected: 'a folder', folder: true }
}

/** A file; a relative one starts from the folder of the file that names it. */
export function file(key: { sentence: string }): Key<string> {
  return { ...text({ default: '', sentence: key.sentence }), expected: 'a file', isFile: true }
}

/** Words separated by commas, each taken apart by `read`, which gives the complaint about a wrong one as a text. */
export function words<Word extends object>(
  key: { default: string; sentence: string; expected: string },
  read: (word: string) => Word | string,
): Key<readonly Word[]> {
  const readAll = (text: string) =>
    text
      .split(',')
      .map(word => word.trim())
      .filter(word => word !== '')
      .map(read)
  return {
    ...key,
    unit: '',
    parse(text) {
      const all = readAll(text)
      return all.some(word => typeof word === 'string') ? undefined : (all as Word[])
    },
    complaint: text => readAll(text).find(word => typeof word === 'string') ?? '',
  }
}

function within(value: number, min: number, max: number): number | undefined {
  return value >= min && value <= max ? value : undefined
}

/** 1000000 → "1,000,000"; up to five digits, ports among them, stay together. */
function grouped(value: number): string {
  return value < 100_000 ? String(value) : value.toLocaleString('en-US')
}

/** 60000 → "1 min": in the largest unit that keeps it whole. */
function spoken(value: number, factors: Map<string, number>): string {
  const [unit, factor] = [...factors].findLast(([, factor]) => value >= factor && value % factor === 0) ?? ['', 1]
  return `${value / factor} ${unit}`.trim()
}
