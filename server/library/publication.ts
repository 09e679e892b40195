import type { Hub } from '../hub/hub.ts'
import type { Publication as HubPublication, Publisher } from '../hub/publication.ts'
import type { Client } from './client.ts'
import type { FrameHandler, FrameTaps } from './frames.ts'

/** A stream that somebody publishes, from onPublish (or server.publish) to its end. A name that is published anew is another one. */
export class Publication {
  /** The last part of its address: `cam` of `lobby/cam`. */
  readonly name: string
  /** `room/name`, or `name` in the default room. */
  readonly address: string
  readonly room: string
  /** Who publishes; null for the server itself. */
  readonly client: Client | null
  /** What stood behind a "?" in the name. */
  readonly query: Readonly<Record<string, string>>
  /** Grows with every publish of the name, from 1. */
  readonly generation: number
  readonly #hub: Hub
  readonly #publication: HubPublication
  readonly #publisher: Publisher | null
  readonly #taps: FrameTaps
  #ended = false

  /** Made by the server alone. */
  constructor(hub: Hub, publication: HubPublication, client: Client | null, taps: FrameTaps) {
    const { name, address, room } = publication.address
    this.name = name
    this.address = address
    this.room = room
    this.client = client
    this.query = publication.query
    this.generation = publication.generation
    this.#hub = hub
    this.#publication = publication
    this.#publisher = publication.publisher
    this.#taps = taps
  }

  get isLive(): boolean {
    return !this.#ended && this.#publication.publisher === this.#publisher && this.#publication.state === 'live'
  }

  /** Players of the name. */
  get listeners(): number {
    return this.#publication.listeners.size
  }

  /** Codecs by name (`avc1`, `hvc1`, `mp4a`, `Opus` …), '' until seen. */
  get audioCodec(): string {
    return this.#ended ? '' : this.#publication.audioCodec
  }

  get videoCodec(): string {
    return this.#ended ? '' : this.#publication.videoCodec
  }

  /**
   * Shows every frame from here on to `handler`, beside the players' path; gives back what ends that. It ends by itself
   * with the publication. What the handler throws is logged, and the next frame is shown all the same.
   */
  onFrame(handler: FrameHandler): () => void {
    if (typeof handler !== 'function') throw new TypeError('onFrame(): the handler must be a function')
    if (this.#ended) return () => {}
    this.#taps.add(handler)
    this.#publication.tap = this.#taps
    return () => {
      this.#taps.remove(handler)
      if (this.#taps.size === 0 && this.#publication.tap === this.#taps) this.#publication.tap = null
    }
  }

  /** Ends it: its publisher is told NetStream.Unpublish.Success with this text. Harmless twice. */
  close(text = 'closed by the application'): void {
    if (this.#ended || this.#publication.publisher !== this.#publisher) return
    this.#hub.publishing.closePublication(this.#publication, 'Unpublish.Success', text)
  }

  /** For the server: nobody publishes it any more, or it was refused. */
  static ended(publication: Publication): void {
    publication.#ended = true
    if (publication.#publication.tap === publication.#taps) publication.#publication.tap = null
  }
}
