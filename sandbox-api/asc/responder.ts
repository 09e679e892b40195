import type { Engine } from '../engine.ts'
import { STATUS_TEXT } from '../limits.ts'
import { infoOf } from '../net/info.ts'
import { notify } from '../notify.ts'
import { textOf } from '../thrown.ts'

/** What a script gives to hear of an answer, in Adobe's dialect. */
export interface Responder {
  onResult?: unknown
  onStatus?: unknown
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
