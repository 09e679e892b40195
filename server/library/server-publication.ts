import { relayData } from '../apps/script-publications.ts'
import { AppError } from '../base/errors.ts'
import type { Hub } from '../hub/hub.ts'
import type { Publication as HubPublication, Publisher } from '../hub/publication.ts'
import { encodeAmf0 } from '../media/amf0.ts'
import { writeDataBody } from '../media/data-body.ts'
import { describeTag } from '../media/flv-tag.ts'
import { FrameKind } from '../media/frame.ts'
import type { MediaFrame } from './frames.ts'

/** A stream that the server publishes itself: frames go in, players watch. Using it after its end throws an AppError. */
export class ServerPublication {
  /** `name`, or `room/name`. */
  readonly address: string
  readonly #hub: Hub
  readonly #publication: HubPublication
  readonly #publisher: Publisher

  /** Made by the server alone. */
  constructor(hub: Hub, publication: HubPublication, publisher: Publisher) {
    this.address = publication.address.address
    this.#hub = hub
    this.#publication = publication
    this.#publisher = publisher
  }

  get isOpen(): boolean {
    return this.#publication.publisher === this.#publisher
  }

  /** Players of it. */
  get listeners(): number {
    return this.#publication.listeners.size
  }

  /** The body of an FLV audio tag (FLV 10.1 §E.4.2, or Enhanced RTMP) at `time` ms of a clock of the caller's. It is copied. */
  audio(time: number, payload: Uint8Array): void {
    this.#media(FrameKind.Audio, time, payload)
  }

  /** The same for video (§E.4.3). What comes before the first key frame is left out. */
  video(time: number, payload: Uint8Array): void {
    this.#media(FrameKind.Video, time, payload)
  }

  /** A data message at the time of the newest frame; 'onMetaData' and an object is kept for whoever comes late. */
  data(name: string, ...values: unknown[]): void {
    this.#data(writeDataBody(name, encodeAmf0(values)))
  }

  /** A frame as onFrame shows it: of another publication, or of a file. */
  push({ kind, time, payload }: Pick<MediaFrame, 'kind' | 'time' | 'payload'>): void {
    if (kind === 'audio') this.audio(time, payload)
    else if (kind === 'video') this.video(time, payload)
    else if (kind === 'data') this.#data(copyOf(payload))
    else throw new TypeError(`a frame's kind is audio, video or data, not ${String(kind)}`)
  }

  /** Ends it; players wait for whoever publishes the name next. Harmless twice. */
  close(): void {
    if (this.isOpen) this.#hub.publishing.unpublish(this.#publication, this.#publisher)
    this.#publisher.closed('Unpublish.Success', '')
  }

  #media(kind: FrameKind, time: number, payload: Uint8Array): void {
    this.#use()
    if (!Number.isFinite(time) || time < 0) throw new TypeError('a time must be a number of milliseconds from 0 on')
    const bytes = copyOf(payload)
    this.#publication.receive(kind, describeTag(kind, bytes), Math.floor(time) >>> 0, bytes)
  }

  #data(body: Buffer): void {
    this.#use()
    const reason = relayData(this.#publication, body)
    if (reason !== null) throw new AppError('PUBLICATION_DATA', `the data cannot be published: ${reason}`)
  }

  #use(): void {
    if (!this.isOpen)
      throw new AppError('PUBLICATION_CLOSED', `${this.address} is not published by the server any more`)
  }
}

/** Frames are kept for newcomers, and the caller may use its memory again. */
function copyOf(payload: Uint8Array): Buffer {
  if (!(payload instanceof Uint8Array)) throw new TypeError("a frame's payload must be a Uint8Array")
  return Buffer.from(payload)
}
