/**
 * The language of the admin socket: a JSON object a line, UTF-8. Every request has an `id` of the client's own choice and
 * is answered once with the same; what the server tells of its own accord has none.
 */

export type Request = { readonly id: number } /** `by`: who it is, as the client has it; the audit log says so. */ & (
  | { readonly do: 'hello'; readonly by: string }
  /** Is there such an application? The answer is its path as people write it. */
  | { readonly do: 'use'; readonly app: string }
  | { readonly do: 'evaluate'; readonly app: string; readonly code: string; readonly as: 'text' | 'json' }
  | { readonly do: 'complete'; readonly app: string; readonly text: string }
  /** Ends the request `of`, wherever it is; that one is answered by an error. */
  | { readonly do: 'cut'; readonly of: number }
  | { readonly do: 'command'; readonly app: string; readonly name: string; readonly words: readonly string[] }
  /** Tells the log of an application from a level up, or with `off` no more. */
  | { readonly do: 'log'; readonly app: string; readonly level: string }
)

export interface Answer {
  readonly id: number
  readonly ok: boolean
  readonly text: string
}

export type Tell =
  | { readonly tell: 'log'; readonly level: string; readonly text: string }
  /** Something became of an application. */
  | { readonly tell: 'app'; readonly app: string; readonly text: string }
  /** The session ends, and why. */
  | { readonly tell: 'end'; readonly text: string }

type Shape = Record<string, 'text' | 'number' | 'texts'>

const shapes = new Map<string, Shape>([
  ['hello', { by: 'text' }],
  ['use', { app: 'text' }],
  ['evaluate', { app: 'text', code: 'text', as: 'text' }],
  ['complete', { app: 'text', text: 'text' }],
  ['cut', { of: 'number' }],
  ['command', { app: 'text', name: 'text', words: 'texts' }],
  ['log', { app: 'text', level: 'text' }],
])

/** Undefined for a line that is no request. */
export function readRequest(line: string): Request | undefined {
  const value = readObject(line)
  const shape = shapes.get(String(value?.do))
  if (!value || !shape || !Number.isSafeInteger(value.id)) return undefined
  return Object.entries(shape).every(([name, type]) => isA(type, value[name])) ? (value as Request) : undefined
}

export function readAnswer(line: string): Answer | Tell | undefined {
  const value = readObject(line)
  if (!value || typeof value.text !== 'string') return undefined
  if (typeof value.tell === 'string') return value as unknown as Tell
  return Number.isSafeInteger(value.id) ? (value as unknown as Answer) : undefined
}

function readObject(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

function isA(type: Shape[string], value: unknown): boolean {
  if (type === 'number') return Number.isSafeInteger(value)
  if (type === 'text') return typeof value === 'string'
  return Array.isArray(value) && value.every(each => typeof each === 'string')
}
