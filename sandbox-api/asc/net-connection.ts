import type { Engine } from '../engine.ts'
import { NetConnection } from '../net/net-connection.ts'
import { answerTo, type Responder } from './responder.ts'

/** NetConnection as Adobe shaped it: what a call gives goes to a responder's onResult and onStatus. */
export function ascNetConnection(engine: Engine): object {
  return class AscNetConnection extends NetConnection {
    // @ts-expect-error The second parameter is the responder here, and nothing is given back.
    override call(name: string, responder?: Responder | null, ...values: unknown[]): void {
      answerTo(engine, `call ${name}`, responder ?? {}, super.call(name, ...values))
    }
  }
}
