import type { Hub } from '../hub/hub.ts'
import type { Listener } from '../hub/listener.ts'
import type { Client } from './client.ts'

/** One subscription of a client: what it plays. */
export class Play {
  readonly client: Client
  /** The last part of its address: `cam` of `lobby/cam`. */
  readonly name: string
  /** `room/name`, or `name` in the default room. */
  readonly address: string
  readonly room: string
  /** What stood behind a "?" in the name the player gave. */
  readonly query: Readonly<Record<string, string>>
  readonly #hub: Hub
  readonly #listener: Listener

  /** Made by the server alone. */
  constructor(hub: Hub, listener: Listener, client: Client) {
    const { name, address, room, query } = listener.address
    this.client = client
    this.name = name
    this.address = address
    this.room = room
    this.query = query
    this.#hub = hub
    this.#listener = listener
  }

  /** Ends it: the player is told NetStream.Play.Stop with this text. Harmless twice. */
  close(text = 'stopped by the application'): void {
    this.#hub.playing.closeListener(this.#listener, 'Play.Stop', text)
  }
}
