import { encodeIni, readIni } from './ini-file.ts'

/**
 * An ini text with one value set, and everything else as it was: comments, order, blank lines, the ends of lines. A key
 * that is not there goes to the end of its section, a section that is not there to the end of the text.
 */
export function changeIni(
  source: string,
  isSection: (name: string) => boolean,
  section: string,
  key: string,
  value: string,
): string {
  const eol = source.includes('\r\n') ? '\r\n' : '\n'
  const lines = source.split(/\r\n|\n|\r/)
  const entries = readIni(source, 'ini').filter(entry => isSection(entry.section))
  const known = entries.find(entry => entry.key === key)
  const written = `${encodeIni(key)} = ${encodeIni(value)}`
  if (known !== undefined) {
    const line = lines[known.line - 1]!
    const indent = /^\s*/.exec(line)![0]
    const comment = commentOf(line)
    // Nothing may stand behind quotes: the comment moves before its line.
    const isQuoted = /^["']/.test(encodeIni(value))
    if (isQuoted && comment !== '') lines.splice(known.line - 1, 1, indent + comment.trim(), indent + written)
    else lines[known.line - 1] = indent + written + comment
    return lines.join(eol)
  }
  const last = entries.at(-1)?.line ?? headerOf(lines, isSection)
  if (last > 0) lines.splice(last, 0, written)
  else {
    while (lines.length > 0 && lines.at(-1)!.trim() === '') lines.pop()
    if (lines.length > 0) lines.push('')
    lines.push(`[${section}]`, written, '')
  }
  return lines.join(eol)
}

/** The line of the section's head, from 1; 0 when there is none. */
function headerOf(lines: readonly string[], isSection: (name: string) => boolean): number {
  return lines.findIndex(line => isSection(/^\s*\[(.*)\]/.exec(line)?.[1]?.trim() ?? '')) + 1
}

/** The comment behind a value, with the blanks before it. As the reader has it: a value in quotes is the whole rest of its line. */
function commentOf(line: string): string {
  const start = line.indexOf('=') + 1
  const value = line.slice(start).trim()
  if (start === 0 || /^(["']).*\1$/.test(value)) return ''
  return /^(?:\\.|[^;#\\])*?(\s*[;#].*)$/.exec(line.slice(start))?.[1] ?? ''
}
