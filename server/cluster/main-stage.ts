import type { Near } from '../hub/attendant.ts'
import type { Listener } from '../hub/listener.ts'
import type { Publication } from '../hub/publication.ts'
import type { Directory } from './directory.ts'
import { Stage, type StageOptions } from './stage.ts'
import { RemotePublication, type WorkerLink } from './stand-ins.ts'
import type { WorkerOrder } from './wire.ts'

/**
 * The frames that the main process itself needs, for relays to other servers: it pulls them from where they are, as a
 * worker with players does, and is told by the directory as one.
 */
export class MainStage implements Near {
  readonly #stage: Stage
  readonly #directory: () => Directory | null
  /** It has no relay that could be meant: what the main process publishes is pulled, too. */
  readonly #link: WorkerLink = { relay: '', post: order => this.#told(order) }

  constructor({ limits, relay, clock, log }: Omit<StageOptions, 'host'>, directory: () => Directory | null) {
    this.#directory = directory
    this.#stage = new Stage({
      ...{ limits, relay, clock, log },
      host: {
        now: () => clock.now(),
        soon: queueMicrotask,
        later: (ms, flush) => clock.after(ms, flush),
        lagged: ({ publication }, queuedBytes) => {
          const about = { app: publication.app, publication: publication.address.address, queuedBytes }
          log.info(about, 'a relay to another server lags: dropping to the next key frame')
        },
        tooSlow: ({ client }) => client.peer.close({ code: 'Connect.Closed', description: 'it takes too little' }),
        // What applications hear of them is told where they are published.
        metadataChanged() {},
        codecsChanged() {},
      },
    })
  }

  join(publication: Publication, make: (near: Publication) => Listener): Listener {
    const near = this.#stage.find(publication.app, publication.address)
    const listener = make(near)
    near.waiting++
    near.add(listener)
    this.#directory()?.introduce(publication, this.#link)
    if (publication instanceof RemotePublication) count(publication, this.#link, 1)
    near.waiting--
    this.#stage.settle(near)
    return listener
  }

  leave(publication: Publication, listener: Listener): void {
    listener.publication.remove(listener)
    this.#stage.settle(listener.publication)
    if (publication instanceof RemotePublication) count(publication, this.#link, -1)
  }

  close(): void {
    this.#stage.close()
  }

  #told(order: WorkerOrder): void {
    if (order.o === 'source') this.#stage.source(order.publication, order.relay)
  }
}

function count({ audience }: RemotePublication, link: WorkerLink, change: 1 | -1): void {
  const now = (audience.get(link) ?? 0) + change
  if (now > 0) audience.set(link, now)
  else audience.delete(link)
}
