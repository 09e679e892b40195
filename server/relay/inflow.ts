import type { Log } from '../base/log.ts'
import type { Publication, Publisher } from '../hub/publication.ts'
import type { Publishing } from '../hub/publishing.ts'
import { readDataBody } from '../media/data-body.ts'
import { withoutEnvelope } from '../protocol/netconnection/command.ts'
import { takeMedia } from '../protocol/netconnection/incoming.ts'
import { type Message, MessageType } from '../protocol/rtmp/message.ts'

export interface InflowOwner {
  /** The first media has come, and the name is its own. */
  begun(): void
  /** It was ended from here. */
  closed(code: string, description: string): void
}

/** Data by which servers speak to a player itself, and which is none of the stream's. */
const asides: ReadonlySet<string> = new Set(['|RtmpSampleAccess', 'onStatus', 'onPlayStatus'])

/**
 * What another server sends, as a publication here. It takes its name with the first media: a server that has nothing to
 * send keeps nobody else from publishing.
 */
export class Inflow implements Publisher {
  readonly id = 'relay'
  readonly client = null
  readonly #publishing: Publishing
  readonly #app: string
  readonly #address: string
  readonly #owner: InflowOwner
  readonly #log: Log
  #publication: Publication | null = null
  #refused = false

  constructor(publishing: Publishing, app: string, address: string, owner: InflowOwner, log: Log) {
    this.#publishing = publishing
    this.#app = app
    this.#address = address
    this.#owner = owner
    this.#log = log
  }

  get isLive(): boolean {
    return this.#publication !== null
  }

  /** False when somebody else publishes the name. */
  media(message: Message): boolean {
    const isData = message.type === MessageType.DataAmf0 || message.type === MessageType.DataAmf3
    if (isData && asides.has(readDataBody(withoutEnvelope(message)).name)) return true
    if (!this.#publication && !this.#begin()) return false
    const refused = this.#publication && takeMedia(message, this.#publication)
    if (refused && !this.#refused) {
      this.#refused = true
      this.#log.warn({ code: refused.code }, `data not relayed: ${refused.reason}`)
    }
    return true
  }

  /** Nothing comes any more; players have the time of grace. Harmless twice. */
  end(): void {
    const publication = this.#publication
    this.#publication = null
    if (publication) this.#publishing.unpublish(publication, this)
  }

  closed(code: string, description: string): void {
    this.#publication = null
    this.#owner.closed(code, description)
  }

  #begin(): boolean {
    this.#publication = this.#publishing.publishAs(this, this.#app, this.#address)
    if (this.#publication) this.#owner.begun()
    return this.#publication !== null
  }
}
