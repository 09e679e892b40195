import type { FrameTap } from '../hub/judge.ts'
import type { Publication } from '../hub/publication.ts'
import { readDataBody } from '../media/data-body.ts'
import { type Frame, FrameKind } from '../media/frame.ts'
import type { App } from './app.ts'
import type { Bubbling } from './bubbling.ts'

/** Lets the nearest applications with packet hooks look at what clients publish. */
export class PacketTaps {
  readonly #bubbling: Bubbling

  constructor(bubbling: Bubbling) {
    this.#bubbling = bubbling
  }

  /** Its publisher has been accepted, or the hooks of the applications around it are others now. */
  attach(publication: Publication): void {
    const client = publication.publisher?.client
    if (publication.state !== 'live' && publication.state !== 'asking') publication.tap = null
    else publication.tap = client ? this.#tap(publication.app, client.id) : null
  }

  #tap(path: string, client: string): FrameTap | null {
    const chain = this.#bubbling.chain(path)
    const nearest = (hook: string): App | undefined => chain.find(app => app.hooks.has(hook))
    const audio = nearest('onAudioPacket')
    const video = nearest('onVideoPacket')
    const data = nearest('onDataPacket')
    return audio || video || data ? new PacketTap(client, audio, video, data) : null
  }
}

class PacketTap implements FrameTap {
  readonly #client: string
  readonly #audio: App | undefined
  readonly #video: App | undefined
  readonly #data: App | undefined

  constructor(client: string, audio: App | undefined, video: App | undefined, data: App | undefined) {
    this.#client = client
    this.#audio = audio
    this.#video = video
    this.#data = data
  }

  frame(publication: Publication, { kind, timestamp, payload }: Frame): void {
    const facts = { client: this.#client, publication: publication.key, time: timestamp, name: '' }
    if (kind === FrameKind.Audio) this.#audio?.channel.show({ ...facts, kind: 'audio', packet: payload })
    else if (kind === FrameKind.Video) this.#video?.channel.show({ ...facts, kind: 'video', packet: payload })
    else if (this.#data) {
      const { name, values } = readDataBody(payload)
      this.#data.channel.show({ ...facts, kind: 'data', name, packet: values })
    }
  }
}
