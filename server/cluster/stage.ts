import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { type Address, publicationKey } from '../hub/address.ts'
import type { HubLimits } from '../hub/limits.ts'
import { Publication, type PublicationHost, type Publisher } from '../hub/publication.ts'
import { relayRetryMs } from './limits.ts'
import type { Pull, Relay } from './relay.ts'

export interface StageOptions {
  readonly limits: HubLimits
  readonly host: PublicationHost
  readonly relay: Relay
  readonly clock: Clock
  readonly log: Log
}

/** One publication that somebody of this worker publishes, plays or waits to play. */
interface Act {
  readonly publication: Publication
  /** The relay where it is published, when that is elsewhere. */
  source: string | null
  pull: Pull | null
}

/**
 * The publications of one worker, as far as frames are concerned: fed by a publisher of its own, or pulled from where
 * the publisher is as long as there are players here. Names, verdicts and grace are the main process's.
 */
export class Stage {
  readonly #options: StageOptions
  readonly #acts = new Map<string, Act>()

  constructor(options: StageOptions) {
    this.#options = options
  }

  *publications(): Generator<Publication> {
    for (const { publication } of this.#acts.values()) yield publication
  }

  known(key: string): Publication | undefined {
    return this.#acts.get(key)?.publication
  }

  find(app: string, address: Address): Publication {
    const { limits, host } = this.#options
    const key = publicationKey(app, address.address)
    const known = this.#acts.get(key)
    if (known) return known.publication
    const publication = new Publication(app, address, limits.publication, limits.listener.mergeMs, host)
    this.#acts.set(key, { publication, source: null, pull: null })
    return publication
  }

  /** A client of this worker publishes it. */
  begin(publication: Publication, publisher: Publisher, query: Record<string, string>): void {
    const act = this.#act(publication)
    act.source = null
    this.#leave(act)
    publication.begin(publisher, query, this.#options.clock.epoch())
    publication.state = 'live'
    this.#options.relay.begin(publication)
  }

  end(publication: Publication): void {
    publication.end()
    publication.tap = null
    this.#options.relay.end(publication)
    this.settle(publication)
  }

  /** Where the frames of a publication are; null when nobody publishes it. */
  source(key: string, source: string | null): void {
    const act = this.#acts.get(key)
    if (!act || act.publication.publisher || act.source === source) return
    this.#leave(act)
    act.source = source
    this.settle(act.publication)
  }

  /** Its players have come or gone: it is pulled, or not, or forgotten. */
  settle(publication: Publication): void {
    const act = this.#acts.get(publication.key)
    if (act?.publication !== publication) return
    const { publisher, listeners, waiting } = publication
    // Who is shown a file needs no frames.
    const isHeard = [...listeners.values()].some(listener => !listener.elsewhere)
    if (!publisher && !isHeard) {
      this.#leave(act)
      if (waiting === 0 && listeners.size === 0) this.#acts.delete(publication.key)
    } else if (!publisher && act.source !== null && !act.pull) this.#pull(act, act.source)
  }

  close(): void {
    for (const act of this.#acts.values()) this.#leave(act)
  }

  #act(publication: Publication): Act {
    let act = this.#acts.get(publication.key)
    if (!act) {
      act = { publication, source: null, pull: null }
      this.#acts.set(publication.key, act)
    }
    return act
  }

  #pull(act: Act, source: string): void {
    const { relay, clock, log } = this.#options
    const { publication } = act
    log.debug({ app: publication.app, publication: publication.address.address }, 'relay opened')
    publication.beginRelay()
    const pull = relay.pull(source, publication.key, {
      frame: frame => publication.relay(frame),
      forget: () => publication.forget('onMetaData'),
      ended: () => {
        if (act.pull !== pull) return
        this.#leave(act)
        // The end of the publication is told by the main process; if it goes on, the way to it had broken.
        clock.after(relayRetryMs, () => this.settle(publication))
      },
    })
    act.pull = pull
  }

  #leave(act: Act): void {
    if (!act.pull) return
    const { publication } = act
    act.pull.close()
    act.pull = null
    publication.end()
    this.#options.log.debug({ app: publication.app, publication: publication.address.address }, 'relay closed')
  }
}
