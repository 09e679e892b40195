/**
 * A table in Markdown, a server a row. Behind each number stands what it is of the number of `base`, if that is there.
 */
export function table(title: string, rows: Readonly<Record<string, Readonly<Record<string, number>>>>, base: string) {
  const columns = Object.keys(Object.values(rows)[0] ?? {})
  const reference = rows[base]
  const cell = (column: string, value: number | undefined, label: string): string => {
    if (value === undefined) return '–'
    const ratio = value / (reference?.[column] ?? Number.NaN)
    return label === base || !Number.isFinite(ratio) ? round(value) : `${round(value)} (×${ratio.toFixed(2)})`
  }
  const lines = Object.entries(rows).map(([label, figures]) => [
    label,
    ...columns.map(column => cell(column, figures[column], label)),
  ])
  return [[title, ...columns], columns.concat('').map(() => '---'), ...lines]
    .map(cells => `| ${cells.join(' | ')} |`)
    .join('\n')
}

const round = (value: number): string => (Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3))
