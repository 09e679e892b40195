import {
  defineProperty,
  ErrorClass,
  freeze,
  setOwn,
  textIndexOf,
  textLastIndexOf,
  textSlice,
  textSplit,
  textStartsWith,
  textTrim,
  toNumber,
  uncurry,
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

export const nowhere: Place = { file: '', line: 0, column: 0 }

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

/**
 * Stacks are always in V8's own words, without the engine's frames: an error that was thrown at the glass shows the script's
 * line first. A script's formatter would run at moments it was never meant for, so there is no setting another.
 */
export function pinStackFormat(): void {
  defineProperty(ErrorClass, 'prepareStackTrace', { get: () => format, set: () => {}, configurable: false })
}

const format = freeze((error: unknown, sites: unknown) => {
  let stack = headOf(error)
  let first: string | undefined
  try {
    const frames = sites as object[]
    for (let i = 0; i < frames.length; i++) {
      // Its own method: what a script has put on Object.prototype never meets the engine's frames.
      const frame = frames[i]!.toString()
      const isEngine = textIndexOf(frame, RUNTIME_PREFIX) >= 0
      if (!isEngine) stack += `\n    at ${frame}`
      // V8's own functions have no place: whoever called them raised the error.
      if (isEngine || placeOf(`at ${frame}`) !== undefined) first ??= isEngine ? RUNTIME_PREFIX : frame
    }
  } catch {
    // Only a script that calls this by itself gets here.
  }
  if (first === RUNTIME_PREFIX) addWeakly(raised, error as object)
  return stack
})

/** Errors that were raised by the engine's own code, or by what it called of V8's. */
const raised = new WeakSet<object>()
const addWeakly = uncurry(WeakSet.prototype.add as (this: WeakSet<object>, value: object) => unknown)
const hasWeakly = uncurry(WeakSet.prototype.has as (this: WeakSet<object>, value: object) => boolean)

/** An error of the engine's that was given a stack, so that V8 will not ask for its format. */
export function markRaised(error: object): void {
  addWeakly(raised, error)
}

/** Whether an error comes from the engine's code and not from the script's. */
export function raisedByEngine(error: object): boolean {
  try {
    // V8 asks for the format when the stack is first read.
    void (error as Error).stack
  } catch {
    return false
  }
  return hasWeakly(raised, error)
}

const errorText = uncurry(Error.prototype.toString)

function headOf(error: unknown): string {
  try {
    return errorText(error as Error)
  } catch {
    return 'Error'
  }
}
