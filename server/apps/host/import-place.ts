import { faultAt, ScriptError } from './script-error.ts'
import type { Source } from './source.ts'

/** Characters before a specifier in which its `import` is looked for. */
const reach = 1_000

/** Line and column of an import, as far as a look at the text can tell; zeros when it is not to be seen. */
export function importPlace(code: string, specifier: string, name = ''): [number, number] {
  for (const quote of ["'", '"']) {
    const quoted = quote + specifier + quote
    for (let at = code.indexOf(quoted); at >= 0; at = code.indexOf(quoted, at + 1)) {
      const before = code.slice(Math.max(0, at - reach), at).trimEnd()
      if (!before.endsWith('from') && !before.endsWith('import')) continue
      const statement = before.slice(Math.max(before.lastIndexOf('import'), before.lastIndexOf('export')))
      if (!statement.includes(name)) continue
      const lines = code.slice(0, at).split('\n')
      return [lines.length, lines.at(-1)!.length + 1]
    }
  }
  return [0, 0]
}

/** V8 names neither file nor line when a module lacks what another imports from it. */
export function missingExport(error: unknown, sources: Iterable<Source>): ScriptError | undefined {
  if (!(error instanceof SyntaxError)) return undefined
  const named = /^The requested module '(.*)' does not provide an export named '(.*)'$/.exec(error.message)
  if (named === null) return undefined
  for (const { code, file } of sources) {
    const [line, column] = importPlace(code, named[1]!, named[2]!)
    if (line > 0) return new ScriptError('import-name', faultAt(`SyntaxError: ${error.message}`, file, line, column))
  }
  return undefined
}
