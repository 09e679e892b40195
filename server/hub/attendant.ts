import type { Client } from './client.ts'
import { Listener, type ListenerSink } from './listener.ts'
import type { ListenerLimits } from './listener-limits.ts'
import type { Publication } from './publication.ts'
import type { Publishing } from './publishing.ts'

/** Who looks after publications on the server's own behalf: relays to and from other servers. */
export interface Attendant {
  /** Somebody publishes it, or somebody else does now. */
  live(publication: Publication): void
  /** Nobody does, and nobody took the name within the grace. */
  idle(publication: Publication): void
  /** It has a player more. */
  wanted(publication: Publication, listener: Listener): void
  /** Its last player has left. */
  unwanted(publication: Publication): void
}

/** Where in this process the frames of a publication pass. */
export interface Near {
  /** `make` gives the listener of the publication whose frames those are; it hears them from here on. */
  join(publication: Publication, make: (near: Publication) => Listener): Listener
  leave(publication: Publication, listener: Listener): void
}

const here: Near = {
  join(publication, make) {
    const listener = make(publication)
    publication.insiders++
    publication.add(listener)
    return listener
  },
  leave(publication, listener) {
    publication.insiders--
    publication.remove(listener)
  },
}

export interface AttendanceOptions {
  readonly publishing: Publishing
  readonly limits: { readonly listener: ListenerLimits }
  /** Given when frames pass through other processes. */
  readonly near?: Near
}

/** Listeners that are the server itself: nobody is asked, and no application is told of them. */
export class Attendance {
  readonly #publishing: Publishing
  readonly #limits: ListenerLimits
  readonly #near: Near
  #lastId = 0

  constructor({ publishing, limits, near = here }: AttendanceOptions) {
    this.#publishing = publishing
    this.#limits = limits.listener
    this.#near = near
  }

  /** `client` stands for it and is nobody's client; its peer is closed when it is too slow. */
  join(publication: Publication, client: Client, sink: ListenerSink): Listener {
    publication.waiting++
    return this.#near.join(publication, near => {
      // Below 0, where no player's is.
      const listener = new Listener(--this.#lastId, client, near, near.address, sink, this.#limits)
      listener.state = 'joined'
      listener.told = true
      return listener
    })
  }

  /** Harmless twice. */
  leave(publication: Publication, listener: Listener): void {
    if (listener.state === 'gone') return
    listener.state = 'gone'
    publication.waiting--
    this.#near.leave(publication, listener)
    this.#publishing.prune(publication)
  }
}
