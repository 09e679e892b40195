import { numberGiven, textGiven, wrong } from './given.ts'
import { SafeSet, textSlice, textTrim } from './primordials.ts'

/** What CumulusServer's split can be asked for (its API page): 1, 2, or both. */
const IGNORE_EMPTY = 1
const TRIM = 2

/** The tokens of a text between any of the characters of `separator` (C29). */
export function split(expression: string, separator: string, option: number): string[] {
  const text = textGiven(expression, 'split: expression')
  const options = numberGiven(option, 'split: option')
  if (options !== (options & (IGNORE_EMPTY | TRIM))) throw wrong('split: option', '0, 1, 2 or 3', option)
  const separators = new SafeSet<string>()
  eachCharacter(textGiven(separator, 'split: separator'), character => separators.add(character))
  const tokens: string[] = []
  let from = 0
  const end = (to: number) => {
    const whole = textSlice(text, from, to)
    const token = (options & TRIM) === 0 ? whole : textTrim(whole)
    if (token !== '' || (options & IGNORE_EMPTY) === 0) tokens[tokens.length] = token
  }
  eachCharacter(text, (character, at) => {
    if (!separators.has(character)) return
    end(at)
    from = at + character.length
  })
  end(text.length)
  return tokens
}

/** Pairs of surrogates are one character. */
function eachCharacter(text: string, visit: (character: string, at: number) => void): void {
  for (let at = 0; at < text.length; ) {
    const isPair = isIn(text[at]!, '\ud800', '\udbff') && isIn(text[at + 1] ?? '', '\udc00', '\udfff')
    const character = isPair ? textSlice(text, at, at + 2) : text[at]!
    visit(character, at)
    at += character.length
  }
}

function isIn(unit: string, first: string, last: string): boolean {
  return unit >= first && unit <= last
}
