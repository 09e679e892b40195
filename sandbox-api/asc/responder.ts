import type { Engine } from '../engine.ts'
import { STATUS_TEXT } from '../limits.ts'
import { infoOf } from '../net/info.ts'
import type { Script } from '../stage.ts'
import { textOf } from '../thrown.ts'

/** What a script gives to hear of an answer, in Adobe's dialect. */
export interface Responder {
  onResult?: unknown
  onStatus?: unknown
}

/** Calls a handler that a script may have put on one of its objects; a throw is a fault. */
export function notify(engine: Engine, label: string, object: object, name: string, values: unknown[]): void {
  let script: unknown
  const find = () => {
    script = (object as Record<string, unknown>)[name]
  }
  // A getter of the script's is its code too.
  engine.stage.tell(label, find, undefined, [])
  if (typeof script === 'function') engine.stage.tell(label, script as Script, object, values)
}

/** Tells the responder what becomes of an answer. */
export function answerTo(engine: Engine, label: string, responder: Responder, answer: Promise<unknown>): void {
  void follow(engine, label, responder, answer)
}

async function follow(engine: Engine, label: string, responder: Responder, answer: Promise<unknown>): Promise<void> {
  let value: unknown
  try {
    value = await answer
  } catch (error) {
    const { info } = error as { info?: unknown }
    const told = info ?? infoOf('error', 'NetConnection.Call.Failed', textOf(error, STATUS_TEXT))
    notify(engine, `onStatus of ${label}`, responder, 'onStatus', [told])
    return
  }
  notify(engine, `onResult of ${label}`, responder, 'onResult', [value])
}
