import type { Access, ClientFacts, Figures } from '../server/apps/wire.ts'
import { encode } from './amf.ts'
import type { Engine } from './engine.ts'
import { ACCESS_TEXT } from './limits.ts'
import type { Owned } from './own-fields.ts'
import { max, TypeErrorClass } from './primordials.ts'
import type { Script } from './stage.ts'

/** What the engine knows of a client; scripts hold only its view. */
export class ClientState {
  readonly engine: Engine
  readonly facts: ClientFacts
  readonly view: Owned
  /** It is in `clients`. */
  joined = false
  /** It has left: writing to it has no effect any more. */
  gone = false
  /** This app answered its onConnection, and adopts it after a reload. */
  answered = false
  /** It was here before this version of the app. */
  adopted = false
  /** Milliseconds. */
  ping = 0
  bytesIn = 0
  bytesOut = 0
  messagesIn = 0
  messagesOut = 0
  /** Bytes a second between the latest two statistics. */
  inRate = 0
  outRate = 0
  #measuredAt = Number.NaN
  /** Milliseconds since its last message, as of the latest statistics. */
  silence = 0
  onManage: Script | undefined

  constructor(engine: Engine, facts: ClientFacts, view: Owned) {
    this.engine = engine
    this.facts = facts
    this.view = view
  }

  /** The latest statistics. */
  measured(now: number, figures: Figures): void {
    const { 0: ping, 1: bytesIn, 2: bytesOut, 3: silence, 4: messagesIn, 5: messagesOut } = figures
    const seconds = (now - this.#measuredAt) / 1000
    if (seconds > 0) {
      this.inRate = max(0, bytesIn - this.bytesIn) / seconds
      this.outRate = max(0, bytesOut - this.bytesOut) / seconds
    }
    this.#measuredAt = now
    this.ping = ping
    this.bytesIn = bytesIn
    this.bytesOut = bytesOut
    this.silence = silence
    this.messagesIn = messagesIn
    this.messagesOut = messagesOut
  }

  /** Calls a function of its; the answer comes under the ticket, and for 0 there is none. */
  call(method: string, values: unknown[], ticket: number): void {
    const { facts, engine } = this
    const args = encode(values, facts.objectEncoding, engine.outbox)
    const command = { c: 'message', client: facts.id, name: method, args, ticket, droppable: false } as const
    engine.outbox.write(command, args.length + method.length)
  }

  close(reason: string): void {
    if (this.gone) return
    this.engine.outbox.write({ c: 'closeClient', client: this.facts.id, reason, failed: false }, reason.length)
  }

  /** The main writer was closed, which applications hear of as a failure, in CumulusServer's words. */
  end(): void {
    if (this.gone) return
    const reason = 'Main flow writer closed, session is closing'
    this.engine.outbox.write({ c: 'closeClient', client: this.facts.id, reason, failed: true }, reason.length)
  }

  /** One of its access lists is another now. Throws a TypeError for what is none, also when the client has gone. */
  access(name: keyof Access, given: unknown): void {
    const change = { [name]: accessList(name, given) }
    if (this.gone) return
    const { id: client, readAccess, writeAccess, audioSampleAccess, videoSampleAccess } = this.facts
    const access = { readAccess, writeAccess, audioSampleAccess, videoSampleAccess, ...change }
    this.engine.outbox.write({ c: 'access', client, ...access }, 0)
    Object.assign(this.facts, access)
  }
}

/** Folders separated by `;`; true stands for all of them, false for none. */
function accessList(name: string, given: unknown): string {
  if (given === true) return '/'
  if (given === false) return ''
  if (typeof given !== 'string' || given.length > ACCESS_TEXT) {
    throw new TypeErrorClass(`client.${name} is a text of at most ${ACCESS_TEXT} characters: folders separated by ";"`)
  }
  return given
}
