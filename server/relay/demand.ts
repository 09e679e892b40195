import type { Clock, Timer } from '../base/clock.ts'
import type { RtmpStreamUrl } from '../base/rtmp-url.ts'
import type { Hub } from '../hub/hub.ts'
import type { Listener } from '../hub/listener.ts'
import type { Publication } from '../hub/publication.ts'
import type { LinkWorld } from './link.ts'
import { Pull } from './pull.ts'

export interface DemandOptions {
  readonly publication: Publication
  readonly url: RtmpStreamUrl
  readonly hub: Hub
  readonly world: LinkWorld
  /** How long a player waits, and how long it goes on without any. */
  readonly waitMs: number
  readonly idleMs: number
  /** It has been without a player for so long. */
  ended(): void
}

/** A stream that is pulled because somebody plays it. */
export class Demand {
  readonly #options: DemandOptions
  readonly #clock: Clock
  readonly #pull: Pull
  readonly #waiting = new Map<Listener, Timer>()
  #idle: Timer | null = null

  constructor(options: DemandOptions) {
    const { publication, url, hub, world } = options
    const { app, address } = publication
    this.#options = options
    this.#clock = world.clock
    this.#pull = new Pull(app, address.address, url, () => viaOfPlayers(publication), hub, world)
  }

  /** One player more. */
  wanted(listener: Listener): void {
    this.#idle?.cancel()
    this.#idle = null
    const { publication, waitMs } = this.#options
    if (publication.state === 'live') return
    this.#waiting.set(
      listener,
      this.#clock.after(waitMs, () => this.#inVain(listener)),
    )
  }

  /** Not one is left. */
  unwanted(): void {
    this.#settled()
    this.#idle ??= this.#clock.after(this.#options.idleMs, () => {
      this.stop()
      this.#options.ended()
    })
  }

  /** Somebody publishes it. */
  live(): void {
    this.#settled()
  }

  stop(): void {
    this.#settled()
    this.#idle?.cancel()
    this.#pull.stop()
  }

  #settled(): void {
    for (const timer of this.#waiting.values()) timer.cancel()
    this.#waiting.clear()
  }

  #inVain(listener: Listener): void {
    this.#waiting.delete(listener)
    const { hub, publication, waitMs } = this.#options
    const { trouble } = this.#pull
    const why = trouble === '' ? 'it sends nothing' : trouble
    const text = `${publication.address.address} did not come from its server within ${waitMs} ms: ${why}`
    hub.playing.closeListener(listener, 'Play.StreamNotFound', text)
  }
}

/** A relay that plays what we pull for it has come through servers, too. */
function viaOfPlayers({ listeners }: Publication): readonly string[] {
  const names = new Set<string>()
  for (const { client } of listeners.values()) for (const name of client.facts.via ?? []) names.add(name)
  return [...names]
}
