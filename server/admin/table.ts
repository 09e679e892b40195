import { rowsMax } from './limits.ts'

/** Rows in columns, the first row being their names; of many the rest is counted. */
export function table(head: readonly string[], rows: readonly (readonly unknown[])[], empty: string): string {
  if (rows.length === 0) return empty
  const shown = [head, ...rows.slice(0, rowsMax).map(row => row.map(plain))]
  const widths = head.map((_, column) => Math.max(...shown.map(row => row[column]!.length)))
  const lines = shown.map(row =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  )
  if (rows.length > rowsMax) lines.push(`… ${rows.length - rowsMax} more`)
  return lines.join('\n')
}

/** Names come from the network: none of them steers a terminal. */
export function plain(value: unknown): string {
  return String(value).replace(/\p{Cc}/gu, control => `\\x${control.charCodeAt(0).toString(16).padStart(2, '0')}`)
}

/** `12 s`, `5 min`, `3 h`, `2 d`. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 120) return `${seconds} s`
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} h`
  return `${Math.round(seconds / 86_400)} d`
}
