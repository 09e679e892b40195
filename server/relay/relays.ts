import type { Timer } from '../base/clock.ts'
import type { RelayConfig } from '../config/config.ts'
import { readName } from '../hub/address.ts'
import type { Attendant } from '../hub/attendant.ts'
import type { Hub } from '../hub/hub.ts'
import type { Judge } from '../hub/judge.ts'
import type { Listener } from '../hub/listener.ts'
import type { Publication } from '../hub/publication.ts'
import { Demand } from './demand.ts'
import { backoff, hopsMax, relaysMax } from './limits.ts'
import type { LinkWorld } from './link.ts'
import { matched } from './pattern.ts'
import { Pull } from './pull.ts'
import { Push, viaOf } from './push.ts'

export interface RelaysOptions extends LinkWorld {
  readonly config: RelayConfig
  readonly hub: Hub
  /** Which application a path means. */
  readonly locate: Judge['locate']
}

/** What the configuration says is published at other servers too, or comes from there. */
export class Relays implements Attendant {
  readonly #options: RelaysOptions
  readonly #pushes = new Map<string, Push[]>()
  readonly #pulls: Pull[] = []
  readonly #demands = new Map<string, Demand>()
  /** What is done later unless the server stops. */
  readonly #later = new Set<Timer>()
  #count = 0
  #isFull = false

  constructor(options: RelaysOptions) {
    this.#options = options
  }

  /** Once the applications are known. */
  start(): void {
    const { hub, config } = this.#options
    if (config.rules.length === 0) return
    hub.publishing.attendant = this
    for (const { kind, pattern, url } of config.rules) if (kind === 'pull') this.#pull(pattern, url, backoff.first)
    for (const publication of hub.publications.values()) if (publication.state === 'live') this.live(publication)
  }

  stop(): void {
    this.#options.hub.publishing.attendant = null
    for (const timer of this.#later) timer.cancel()
    for (const pushes of this.#pushes.values()) for (const push of pushes) push.stop()
    for (const demand of this.#demands.values()) demand.stop()
    for (const pull of this.#pulls) pull.stop()
  }

  live(publication: Publication): void {
    this.#demands.get(publication.key)?.live()
    if (this.#pushes.has(publication.key)) return
    const path = pathOf(publication)
    const urls = this.#matching('push', path)
    if (urls.length === 0) return
    if (viaOf(publication).length >= hopsMax) {
      this.#options.log.warn({ publication: path }, `not pushed: it has come through ${hopsMax} servers`)
      return
    }
    const { hub } = this.#options
    const pushes = urls.filter(() => this.#take(path)).map(url => new Push(publication, url, hub, this.#options))
    this.#pushes.set(publication.key, pushes)
  }

  idle({ key }: Publication): void {
    const pushes = this.#pushes.get(key) ?? []
    this.#pushes.delete(key)
    for (const push of pushes) push.stop()
    this.#count -= pushes.length
  }

  wanted(publication: Publication, listener: Listener): void {
    const demand = this.#demands.get(publication.key) ?? this.#demand(publication)
    if (demand !== 'no room') return demand?.wanted(listener)
    const { clock, hub } = this.#options
    const text = `${publication.address.address} is at another server, and there are ${relaysMax} relays already`
    // Behind the answer to its play().
    const telling = clock.after(0, () => {
      this.#later.delete(telling)
      hub.playing.closeListener(listener, 'Play.StreamNotFound', text)
    })
    this.#later.add(telling)
  }

  unwanted({ key }: Publication): void {
    this.#demands.get(key)?.unwanted()
  }

  #demand(publication: Publication): Demand | 'no room' | undefined {
    if (publication.publisher) return undefined
    const path = pathOf(publication)
    const [url] = this.#matching('pull on demand', path)
    if (!url) return undefined
    if (!this.#take(path)) return 'no room'
    const { hub, config } = this.#options
    const demand = new Demand({
      ...{ publication, url, hub, world: this.#options, waitMs: config.waitMs, idleMs: config.idleMs },
      ended: () => {
        this.#demands.delete(publication.key)
        this.#count--
      },
    })
    this.#demands.set(publication.key, demand)
    return demand
  }

  /** Looks for its application until it is there: its folder may be made later. */
  #pull(path: string, url: string, pause: number): void {
    const { hub, locate, log, clock } = this.#options
    const name = readName(path)?.name ?? ''
    const slash = name.lastIndexOf('/')
    const place = locate(name.slice(0, Math.max(0, slash)))
    const target = matched({ pattern: path, url }, path)
    if (!target || !this.#take(path)) return
    if (place.found) {
      const own = name.slice(slash + 1)
      const address = place.room === '' ? own : `${place.room}/${own}`
      this.#pulls.push(new Pull(place.app, address, target, () => [], hub, this.#options))
      return
    }
    this.#count--
    log.warn({ relay: 'pull', publication: path }, `not pulled: ${place.text}`)
    const timer = clock.after(pause, () => {
      this.#later.delete(timer)
      this.#pull(path, url, Math.min(pause * 2, backoff.most))
    })
    this.#later.add(timer)
  }

  #matching(kind: 'push' | 'pull on demand', path: string) {
    const rules = this.#options.config.rules.filter(rule => rule.kind === kind)
    return rules.map(rule => matched(rule, path)).filter(url => url !== undefined)
  }

  #take(path: string): boolean {
    if (this.#count < relaysMax) {
      this.#count++
      this.#isFull = false
      return true
    }
    if (!this.#isFull) this.#options.log.warn({ publication: path }, `not relayed: there are ${relaysMax} relays`)
    this.#isFull = true
    return false
  }
}

/** As patterns name it. */
function pathOf({ app, address }: Publication): string {
  return `${app}/${address.address}`
}
