import type { Engine } from '../engine.ts'
import { STATUS_TEXT } from '../limits.ts'
import { notify } from '../notify.ts'
import { callerPlace } from '../stack.ts'
import { textOf } from '../thrown.ts'

/** What an object that loads itself has asked for. */
export interface WebState {
  headers: [string, string][]
  loaded: number
  total: number
}

export interface WebRequest {
  url: string
  method: string
  body?: string
  type?: string
}

const states = new WeakMap<object, WebState>()

/** Of an object of LoadVars or XML, or of a script's class that has one of them as its prototype. */
export function webStateOf(object: object): WebState {
  let state = states.get(object)
  if (state === undefined) {
    state = { headers: [], loaded: 0, total: 0 }
    states.set(object, state)
  }
  return state
}

/** addRequestHeader(name, value), or one list of names and values. */
export function addHeaders(object: object, first: unknown, value: unknown): void {
  const { headers } = webStateOf(object)
  if (!Array.isArray(first)) {
    headers[headers.length] = [String(first), String(value)]
    return
  }
  for (let i = 0; i + 1 < first.length; i += 2) headers[headers.length] = [String(first[i]), String(first[i + 1])]
}

/** Fetches with the headers of `sender`; `target` hears onHTTPStatus, then onData with the text, or undefined when there is none. */
export function request(engine: Engine, sender: object, target: object | null, asked: WebRequest): void {
  const place = callerPlace()
  const refused = (error: unknown) => {
    engine.outbox.log('warn', `${asked.url} was not loaded: ${textOf(error, STATUS_TEXT)}`, place)
  }
  void exchange(engine, webStateOf(sender).headers, target, asked, refused)
}

async function exchange(
  engine: Engine,
  headers: readonly [string, string][],
  target: object | null,
  { url, method, body, type = '' }: WebRequest,
  refused: (error: unknown) => void,
): Promise<void> {
  let text: string | undefined
  let status = 0
  try {
    const all = type === '' ? [...headers] : [['content-type', type] as [string, string], ...headers]
    const init = { method, headers: all, ...(body === undefined ? {} : { body }) }
    const response = await engine.outside.fetch(url, init)
    status = response.status
    text = await response.text()
  } catch (error) {
    refused(error)
  }
  if (target === null) return
  const state = webStateOf(target)
  state.loaded = state.total = text?.length ?? 0
  if (status !== 0) notify(engine, 'onHTTPStatus', target, 'onHTTPStatus', [status])
  notify(engine, 'onData', target, 'onData', [status >= 200 && status <= 299 ? text : undefined])
}
