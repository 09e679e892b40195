import {
  defineProperty,
  ErrorClass,
  setOwn,
  textIndexOf,
  textLastIndexOf,
  textSlice,
  textSplit,
  textStartsWith,
  textTrim,
  toNumber,
} from './primordials.ts'

/** The runtime's own modules are compiled under names that begin so; an author never sees their frames. */
export const RUNTIME_PREFIX = 'cumulus:'

/** isolated-vm marks where a stack leaves the isolate; what follows is the host's. */
const BOUNDARY = '(<isolated-vm boundary>)'

export interface Place {
  file: string
  line: number
  column: number
}

const nowhere: Place = { file: '', line: 0, column: 0 }

/** The place a V8 stack line names: "at f (live/main.js:3:5)", "at live/main.js:3:5"; undefined for native frames. */
function placeOf(frame: string): Place | undefined {
  // Code of eval() has the place of the call: "at eval (eval at f (live/main.js:3:5), <anonymous>:1:9)".
  const evaluated = textIndexOf(frame, '), <anonymous>')
  if (evaluated >= 0) return placeOf(textSlice(frame, textLastIndexOf(frame, 'eval at ') + 5, evaluated + 1))
  let end = frame.length
  if (frame[end - 1] === ')') end--
  const inner = textSlice(frame, 0, end)
  const columnAt = textLastIndexOf(inner, ':')
  const lineAt = textLastIndexOf(textSlice(inner, 0, columnAt), ':')
  if (columnAt < 0 || lineAt < 0) return undefined
  const column = toNumber(textSlice(inner, columnAt + 1))
  const line = toNumber(textSlice(inner, lineAt + 1, columnAt))
  if (!(line > 0) || !(column > 0)) return undefined
  const open = end < frame.length ? textIndexOf(inner, ' (') : -1
  const start = open >= 0 ? open + 2 : textIndexOf(frame, 'at ') + 3
  let file = textSlice(inner, start, lineAt)
  if (textStartsWith(file, 'async ')) file = textSlice(file, 6)
  return { file, line, column }
}

/** The author's first frame of a stack, and the stack without the engine's own frames. */
export function readStack(stack: string): Place & { stack: string } {
  const lines = textSplit(stack, '\n')
  let place: Place | undefined
  let kept = ''
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]!
    const isFrame = textStartsWith(textTrim(line), 'at ')
    if (isFrame && textIndexOf(line, BOUNDARY) >= 0) break
    if (isFrame && textIndexOf(line, RUNTIME_PREFIX) >= 0) continue
    kept += kept === '' ? line : `\n${line}`
    if (isFrame && place === undefined) {
      const found = placeOf(textTrim(line))
      if (found !== undefined && found.file !== '<anonymous>') place = found
    }
  }
  return { ...(place ?? nowhere), stack: kept }
}

const FRAMES = 10

/** Where the script is right now. */
export function callerPlace(): Place {
  if (!((ErrorClass.stackTraceLimit ?? 0) >= FRAMES)) {
    setOwn(ErrorClass, 'stackTraceLimit', FRAMES)
  }
  const { stack } = new ErrorClass()
  return typeof stack === 'string' ? readStack(stack) : nowhere
}

/** Stacks are always in V8's own words: a script's formatter would run at moments it was never meant for. */
export function pinStackFormat(): void {
  defineProperty(ErrorClass, 'prepareStackTrace', { get: () => undefined, set: () => {}, configurable: false })
}
