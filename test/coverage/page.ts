import { ownFiles, readText } from '../tidy/source-tree.ts'
import { type Title, titlesOf } from './titles.ts'

export const pageFile = 'docs/coverage.md'
const rowsFile = 'test/coverage/rows.txt'

/** What is to be done when the page is not as it should be. */
export const remedy = `${pageFile} is not what the titles of the tests say: npm run coverage makes it anew`

interface Section {
  readonly heading: string
  readonly rows: readonly { readonly id: string; readonly text: string }[]
}

/** The page as it should be now. */
export function wantedPage(): string {
  // Not this folder's own, whose samples are no tests.
  const tests = ownFiles().filter(file => /^test\/(?!coverage\/).*\.test\.ts$/.test(file))
  return pageOf(
    readText(rowsFile),
    tests.sort().flatMap(file => titlesOf(file, readText(file))),
  )
}

/** `rows`: sections, each begun by `# heading`, with a row a line: its id, and what it is. */
export function pageOf(rows: string, titles: readonly Title[]): string {
  const sections = sectionsOf(rows)
  const all = sections.flatMap(section => section.rows)
  const tests = Map.groupBy(
    titles.flatMap(title => title.rows.map(row => ({ row, title }))),
    ({ row }) => row,
  )
  const missing = all.filter(({ id }) => !tests.has(id))
  const known = new Set(all.map(({ id }) => id))
  const beyond = [...tests.keys()].filter(row => !known.has(row)).sort(byRow)
  const proofs = (row: string) =>
    (tests.get(row) ?? []).map(({ title }) => `  - ${inline(title.text)}  \n    \`${title.file}\``)
  return `${[
    '# What is tested where',
    '',
    `Made by \`npm run coverage\` from the titles of the tests and the rows of \`${rowsFile}\`: what the servers before this`,
    'one could do, or meant to. A test cites a row only when it fails without what the row names.',
    '',
    `${all.length - missing.length} of ${all.length} rows have a test.`,
    ...(missing.length > 0 ? ['', '## Not yet', '', ...missing.map(({ id, text }) => `- **${id}** ${text}`)] : []),
    ...sections.flatMap(({ heading, rows }) => {
      const tested = rows.filter(({ id }) => tests.has(id))
      if (tested.length === 0) return []
      return ['', `## ${heading}`, '', ...tested.flatMap(({ id, text }) => [`- **${id}** ${text}`, ...proofs(id)])]
    }),
    ...(beyond.length > 0
      ? ['', '## Beyond the list', '', ...beyond.flatMap(id => [`- **${id}**`, ...proofs(id)])]
      : []),
  ].join('\n')}\n`
}

function sectionsOf(rows: string): Section[] {
  const seen = new Set<string>()
  return rows.split(/^# /m).flatMap(part => {
    const [heading = '', ...lines] = part.split('\n')
    if (heading === '') return []
    const found = lines.filter(Boolean).map(line => {
      const [, id, text] = /^([RKFCM]\d+) (.+)$/.exec(line) ?? []
      if (id === undefined || text === undefined) throw new Error(`${rowsFile}: no row: ${line}`)
      if (seen.has(id)) throw new Error(`${rowsFile}: ${id} stands there twice`)
      seen.add(id)
      return { id, text }
    })
    return [{ heading, rows: found }]
  })
}

function byRow(a: string, b: string): number {
  return a[0]!.localeCompare(b[0]!) || Number(a.slice(1)) - Number(b.slice(1))
}

/** Titles name types, paths and placeholders, which are not Markdown. */
function inline(text: string): string {
  return text.replace(/[\\`*_<>[\]|]/g, '\\$&')
}
