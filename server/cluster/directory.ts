import type { Publication } from '../hub/publication.ts'
import type { Relay } from './relay.ts'
import { RemotePublication, type WorkerLink } from './stand-ins.ts'

/**
 * Which process has a publication. Who wins a name is the hub's to say, and there is one for all workers, in the main
 * process; this tells the workers with players of a name where its frames are.
 */
export class Directory {
  readonly #relay: Pick<Relay, 'begin' | 'end'>
  readonly #address: string

  /** The relay of the main process, for what scripts publish, and its address. */
  constructor(relay: Pick<Relay, 'begin' | 'end'>, address: string) {
    this.#relay = relay
    this.#address = address
  }

  /** Somebody publishes it from now on, or nobody does any more. */
  moved(publication: Publication): void {
    if (!(publication instanceof RemotePublication)) return
    const relay = this.#find(publication)
    if (relay === this.#address) this.#relay.begin(publication)
    else this.#relay.end(publication)
    for (const link of publication.audience.keys()) this.#tell(publication, link, relay)
  }

  /** A worker has players of it, or has them again. */
  introduce(publication: Publication, link: WorkerLink): void {
    if (!(publication instanceof RemotePublication) || publication.audience.has(link)) return
    const relay = this.#find(publication)
    if (relay !== null) this.#tell(publication, link, relay)
  }

  /** The publisher's own worker has the frames. */
  #tell({ key }: RemotePublication, link: WorkerLink, relay: string | null): void {
    if (relay !== link.relay) link.post({ o: 'source', publication: key, relay })
  }

  #find({ state, remote }: RemotePublication): string | null {
    if (state !== 'live') return null
    return remote ? remote.link.relay : this.#address
  }
}
