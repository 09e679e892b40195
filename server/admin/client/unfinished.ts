import { Script } from 'node:vm'

/** How deep open comments and brackets are looked into. */
const depthMax = 4

/** What is wrong with a text, as V8 says it; undefined for one that can be run. Runs nothing. */
export function syntaxError(code: string): SyntaxError | undefined {
  try {
    // A script knows no `await` at its top; another word of the same length stands in its place.
    new Script(code.replace(/\bfor(\s+)await\b/g, 'for$1     ').replace(/\bawait\b/g, 'void '), { filename: 'input' })
    return undefined
  } catch (error) {
    return error instanceof SyntaxError ? error : undefined
  }
}

/** Is there more to come: an open bracket, template or comment? */
export function isUnfinished(code: string, depth = 0): boolean {
  const error = syntaxError(code)
  if (error === undefined) return false
  const { message } = error
  if (/^(Unexpected end of input|Unterminated template literal)/.test(message)) return true
  if (depth >= depthMax) return false
  const closed = (end: string) => syntaxError(code + end) === undefined || isUnfinished(code + end, depth + 1)
  if (/^missing \)/.test(message)) return closed(')')
  if (/^missing \]|^Invalid regular expression: missing/.test(message)) return false
  return /^Invalid or unexpected token/.test(message) && code.includes('/*') && closed('*/')
}
