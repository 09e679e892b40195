import { addressIn, publicationKey, quoted, readName } from '../hub/address.ts'
import { isElsewhere, type Judge } from '../hub/judge.ts'
import type { Publication, Publisher } from '../hub/publication.ts'
import type { Publishing } from '../hub/publishing.ts'
import { writeDataBody } from '../media/data-body.ts'
import { describeTag } from '../media/flv-tag.ts'
import { FrameKind } from '../media/frame.ts'
import { readDataMessage } from '../media/metadata.ts'
import type { PushedFrame } from './wire.ts'

const kinds = { audio: FrameKind.Audio, video: FrameKind.Video } as const

/** RTMP's data message of AMF0 (RTMP 1.0 §7.1.2): what the body of a data frame is, whoever wrote it. */
const dataAmf0 = 18

/**
 * A script's data message, as careful as one of a client's: players decode it with little care. Metadata is kept for
 * newcomers. Gives why it was not relayed, or null.
 */
export function relayData(publication: Publication, body: Buffer): string | null {
  const data = readDataMessage(dataAmf0, body)
  if (data.is === 'frame') publication.receiveNow(data.payload, data.role)
  else if (data.is === 'clear') publication.forget(data.name)
  else return data.reason
  return null
}

/** The publications of scripts: they end with the isolate that made them. */
export class ScriptPublications {
  readonly #publishing: Publishing
  readonly #locate: Judge['locate']
  readonly #byApp = new Map<string, Map<string, Publication>>()

  constructor(publishing: Publishing, locate: Judge['locate']) {
    this.#publishing = publishing
    this.#locate = locate
  }

  /** Is it one of this application's script? */
  has(app: string, publication: Publication): boolean {
    return this.#byApp.get(app)?.get(publication.key) === publication
  }

  /** Null when the application publishes that address now, else why it does not. */
  publish(app: string, given: string): string | null {
    const name = readName(given)
    if (name?.name !== given) return `${quoted(given)} is not a name to publish`
    const address = addressIn('', name)
    const key = publicationKey(app, address.address)
    const own = this.#byApp.get(app) ?? new Map<string, Publication>()
    // A new version of the script takes over what the old one published.
    if (own.has(key)) return null
    if (isElsewhere(this.#locate(`${app}/${address.room}`), app))
      return `${address.address} belongs to another application`
    const publisher: Publisher = { id: 'script', client: null, closed: () => own.delete(key) }
    const publication = this.#publishing.publishAs(publisher, app, given)
    if (!publication) return `${address.address} is already published`
    this.#byApp.set(app, own.set(key, publication))
    return null
  }

  /** Gives the data that cannot be relayed, and why. */
  push(app: string, key: string, frames: readonly PushedFrame[]): { name: string; reason: string }[] {
    const refused: { name: string; reason: string }[] = []
    const publication = this.#byApp.get(app)?.get(key)
    if (!publication) return refused
    for (const { kind, time, name, packet, lost } of frames) {
      if (kind === 'data') {
        const reason = relayData(publication, writeDataBody(name, packet))
        if (reason !== null) refused.push({ name, reason })
        continue
      }
      // A copy: some frames are kept for newcomers, and with a part of a message from the host all of it would be.
      const payload = Buffer.from(packet)
      if (lost > 0) publication.miss(kinds[kind], lost)
      publication.receive(kinds[kind], describeTag(kinds[kind], payload), time, payload)
    }
    return refused
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
