/** Lines shown before the one that matters, and after it. */
const around = 2

/** Characters of a line that are shown: minified sources have lines of megabytes. */
const lineChars = 160

/**
 * The line of a source that an error means, with its neighbours and a caret below its column; both count from 1, a
 * column of 0 points at nothing. '' when there is no such line.
 */
export function codeFrame(source: string, line: number, column: number): string {
  const lines = source.split(/\r?\n/)
  if (line < 1 || line > lines.length) return ''
  const first = Math.max(1, line - around)
  const shown = lines.slice(first - 1, line + around)
  const width = String(first + shown.length - 1).length
  return shown
    .flatMap((text, index) => {
      const number = first + index
      const row = `${number === line ? '>' : ' '} ${String(number).padStart(width)} | `
      const whole = `${row}${text.slice(0, lineChars)}`.trimEnd()
      if (number !== line || column < 1 || column > lineChars) return [whole]
      // Tabs before the column stay tabs, so that the caret stands below its character.
      const indent = text.slice(0, column - 1).replace(/[^\t]/g, ' ')
      return [whole, `  ${' '.repeat(width)} | ${indent}^`]
    })
    .join('\n')
}
