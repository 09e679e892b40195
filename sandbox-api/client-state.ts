import type { Access, ClientFacts } from '../server/apps/wire.ts'
import type { Engine } from './engine.ts'
import type { Owned } from './own-fields.ts'
import { max } from './primordials.ts'
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
  measured(now: number, ping: number, bytesIn: number, bytesOut: number, silence: number): void {
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

  /** Some of its access lists are others now. */
  access(change: Partial<Access>): void {
    if (this.gone) return
    const { id: client, readAccess, writeAccess, audioSampleAccess, videoSampleAccess } = this.facts
    const access = { readAccess, writeAccess, audioSampleAccess, videoSampleAccess, ...change }
    this.engine.outbox.write({ c: 'access', client, ...access }, 0)
    Object.assign(this.facts, access)
  }
}
