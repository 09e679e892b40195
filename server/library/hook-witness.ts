import type { Client as HubClient } from '../hub/client.ts'
import type { PublicationFacts } from '../hub/facts.ts'
import type { Witness } from '../hub/judge.ts'
import type { Listener } from '../hub/listener.ts'
import type { Publication as HubPublication } from '../hub/publication.ts'
import type { ClassApps } from './class-apps.ts'
import { Client } from './client.ts'
import type { ServerEvents } from './events.ts'
import { Publication } from './publication.ts'

export interface HookWitnessOptions {
  readonly apps: ClassApps
  readonly events: ServerEvents
}

/** Tells classes, and whoever listens to the server, what has become true. */
export class HookWitness implements Witness {
  readonly #apps: ClassApps
  readonly #events: ServerEvents
  /** What broke, of those about to leave. */
  readonly #failures = new WeakMap<HubClient, string>()

  constructor({ apps, events }: HookWitnessOptions) {
    this.#apps = apps
    this.#events = events
  }

  clientKnown(): void {}

  clientJoined(client: HubClient): void {
    const app = this.#apps.get(client.app)
    const mine = app?.known.get(client)
    if (!app || !mine) return
    app.clients.set(client.id, mine)
    this.#events.tell('connect', mine)
  }

  clientRejected(client: HubClient): void {
    const app = this.#apps.get(client.app)
    const mine = app?.known.get(client)
    if (!app || !mine) return
    app.known.delete(client)
    // A verdict that comes after it has left is nobody's any more.
    mine.reject()
    Client.established(mine)
    this.#apps.prune(app)
  }

  clientFailed(client: HubClient, failure: string): void {
    this.#failures.set(client, failure)
  }

  clientLeft(client: HubClient): void {
    const app = this.#apps.get(client.app)
    const mine = app?.known.get(client)
    if (!app || !mine) return
    const failure = this.#failures.get(client) ?? null
    app.known.delete(client)
    app.clients.delete(client.id)
    app.tell('onDisconnect', () => app.app.onDisconnect(mine, failure))
    this.#events.tell('disconnect', mine, failure)
    this.#apps.prune(app)
  }

  publicationChanged(): void {}

  publicationRemoved(): void {}

  published(client: HubClient, publication: HubPublication): void {
    const app = this.#apps.get(publication.app)
    const view = app?.views.get(publication)
    const mine = app?.known.get(client)
    if (!app || !view || !mine) return
    app.publications.set(view.address, view)
    this.#events.tell('publish', mine, view)
  }

  unpublished(client: HubClient, publication: HubPublication): void {
    const app = this.#apps.get(publication.app)
    const view = app?.publications.get(publication.address.address)
    const mine = app?.known.get(client)
    if (!app || !view || !mine || view.client !== mine) return
    app.publications.delete(view.address)
    app.tell('onUnpublish', () => app.app.onUnpublish(mine, view))
    this.#events.tell('unpublish', mine, view)
    Publication.ended(view)
  }

  listenerKnown(): void {}

  listenerJoined(listener: Listener): void {
    const play = this.#apps.get(listener.client.app)?.plays.get(listener)
    if (play) this.#events.tell('play', play.client, play)
  }

  listenerLeft(listener: Listener, joined: boolean): void {
    const app = this.#apps.get(listener.client.app)
    const play = app?.plays.get(listener)
    if (!app || !play || !joined) return
    app.tell('onPlayStop', () => app.app.onPlayStop(play.client, play))
    this.#events.tell('playStop', play.client, play)
  }

  metadataChanged(): void {}

  codecsChanged(): void {}

  recorded({ app: path, address }: PublicationFacts, file: string): void {
    const app = this.#apps.get(path)
    app?.tell('onRecorded', () => app.app.onRecorded(address, file))
  }
}
