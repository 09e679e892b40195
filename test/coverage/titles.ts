export interface Title {
  readonly file: string
  /** The suite's title and the test's, joined by `: `; of a suite that cites rows itself, its own alone. */
  readonly text: string
  /** Ids of the rows it cites, in its order. */
  readonly rows: readonly string[]
}

const calls = /^( *).*?\b(suite|test)\(\s*(['"`])((?:\\.|(?!\3)[^\\])*)\3/gm
const id = '[RKFCM]\\d+'
const cited = new RegExp(` \\((${id}(?:[–-]${id})?(?:, ${id}(?:[–-]${id})?)*)\\)$`)

/**
 * Titles that cite rows in parentheses at their end: `(C32)`, `(R41, C33)`, `(C16–C17)`. Read from the source, whose
 * indentation says which suite a test is in.
 */
export function titlesOf(file: string, source: string): Title[] {
  const suites: { indent: number; text: string }[] = []
  return [...source.matchAll(calls)].flatMap(([, space, kind, , quoted]) => {
    const indent = space!.length
    while (suites.length > 0 && suites.at(-1)!.indent >= indent) suites.pop()
    const title = quoted!.replace(/\\(.)/g, '$1').replace(/\$\{[^}]*\}/g, '…')
    const [, list] = cited.exec(title) ?? []
    const own = title.replace(cited, '')
    const text = [...suites.map(suite => suite.text), own].join(': ')
    if (kind === 'suite') suites.push({ indent, text: own })
    return list === undefined ? [] : [{ file, text, rows: list.split(', ').flatMap(expanded) }]
  })
}

/** `C16–C18` is C16, C17 and C18. */
function expanded(part: string): string[] {
  const [first, last = first] = part.split(/[–-]/)
  const letter = first![0]!
  if (last![0] !== letter) throw new Error(`${part} is no range`)
  const [from, to] = [Number(first!.slice(1)), Number(last!.slice(1))]
  return Array.from({ length: to - from + 1 }, (_, nth) => `${letter}${from + nth}`)
}
