import { addressIn, publicationKey, readName } from '../hub/address.ts'
import type { Judge } from '../hub/judge.ts'
import type { Publication, Publisher } from '../hub/publication.ts'
import type { Publishing } from '../hub/publishing.ts'
import { writeDataBody } from '../media/data-body.ts'
import { describeTag } from '../media/flv-tag.ts'
import { FrameKind } from '../media/frame.ts'
import type { PushedFrame } from './wire.ts'

const kinds = { audio: FrameKind.Audio, video: FrameKind.Video } as const

/** The publications of scripts: they end with the isolate that made them. */
export class ScriptPublications {
  readonly #publishing: Publishing
  readonly #locate: Judge['locate']
  readonly #byApp = new Map<string, Map<string, Publication>>()

  constructor(publishing: Publishing, locate: Judge['locate']) {
    this.#publishing = publishing
    this.#locate = locate
  }

  /** Null when the application publishes that address now, else why it does not. */
  publish(app: string, given: string): string | null {
    const name = readName(given)
    if (!name) return `${JSON.stringify(given.slice(0, 64))} is not a name to publish`
    const address = addressIn('', name)
    const key = publicationKey(app, address.address)
    const own = this.#byApp.get(app) ?? new Map<string, Publication>()
    // A new version of the script takes over what the old one published.
    if (own.has(key)) return null
    const place = this.#locate(`${app}/${address.room}`)
    if (place.found && place.app !== app) return `${address.address} belongs to another application`
    const publisher: Publisher = { id: 'script', client: null, closed: () => own.delete(key) }
    const publication = this.#publishing.publishAs(publisher, app, given)
    if (!publication) return `${address.address} is already published`
    this.#byApp.set(app, own.set(key, publication))
    return null
  }

  push(app: string, key: string, frames: readonly PushedFrame[]): void {
    const publication = this.#byApp.get(app)?.get(key)
    if (!publication) return
    for (const { kind, time, name, packet } of frames) {
      const payload = Buffer.from(packet.buffer, packet.byteOffset, packet.byteLength)
      if (kind === 'data') publication.receiveNow(writeDataBody(name, packet))
      else publication.receive(kinds[kind], describeTag(kinds[kind], payload), time, payload)
    }
  }

  /** Ends all that the application published. */
  end(app: string): void {
    const own = this.#byApp.get(app)
    this.#byApp.delete(app)
    for (const publication of own?.values() ?? []) {
      if (publication.publisher?.client === null) this.#publishing.unpublish(publication, publication.publisher)
    }
  }
}
