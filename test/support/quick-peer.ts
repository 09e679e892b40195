import { systemClock, type Timer } from '../../server/base/clock.ts'
import { silentLog } from '../../server/base/log.ts'
import { Hub } from '../../server/hub/hub.ts'
import type { Publication } from '../../server/hub/publication.ts'
import { describeTag } from '../../server/media/flv-tag.ts'
import { FrameKind } from '../../server/media/frame.ts'
import { rtmpLimits } from '../../server/protocol/rtmp/limits.ts'
import { RtmpTransport } from '../../server/transports/rtmp.ts'
import { accepting, Witnessed, worldLimits } from '../protocol/netconnection/fake-client.ts'
import { freePort } from './free-port.ts'
import { audioHeader, audioTag, interTag, keyTag, videoHeader } from './media-samples.ts'

/** A server of our own without applications in this very process, which is up again in a moment, on the same port. */
export class QuickPeer implements AsyncDisposable {
  port = 0
  hub!: Hub
  #transport: RtmpTransport | null = null
  #film: Timer | null = null

  async start(): Promise<this> {
    if (this.port === 0) this.port = await freePort()
    const world = { clock: systemClock, log: silentLog }
    const limits = { ...worldLimits, publication: { ...worldLimits.publication, gopBytes: 1e6, gopFrames: 1000 } }
    this.hub = new Hub({ judge: accepting, witness: new Witnessed(), limits, ...world })
    const rtmp = {
      ...rtmpLimits,
      ...{ port: this.port, interface: '127.0.0.1', backlog: 511, chunkSize: 65_536, streams: 64, connections: 100 },
      ...{ rtmpe: false, rtmpt: false },
    }
    const off = { port: null, certificate: '', key: '', tls: '1.2' } as const
    const http = { port: null, interface: '127.0.0.1', connections: 100 }
    this.#transport = new RtmpTransport({ hub: this.hub, config: { ...limits, rtmp, rtmps: off, http }, ...world })
    await this.#transport.listen()
    return this
  }

  /** Publishes pictures and sounds by the clock, from a key picture on. */
  film(name: string): void {
    const publisher = { id: 'script', client: null, closed() {} }
    const publication = this.hub.publishing.publishAs(publisher, '/live', name)!
    const receive = (kind: FrameKind, time: number, payload: Buffer): void =>
      publication.receive(kind, describeTag(kind, payload), time, payload)
    receive(FrameKind.Video, 0, videoHeader)
    receive(FrameKind.Audio, 0, audioHeader)
    let nth = 0
    this.#film = systemClock.every(40, () => {
      receive(FrameKind.Video, nth * 40, nth % 25 === 0 ? keyTag(nth / 25) : interTag(nth % 25))
      receive(FrameKind.Audio, nth * 40, audioTag)
      nth++
    })
  }

  /** The publication by that name, once it has what a player needs at once: a header and a key picture. */
  async whole(name: string): Promise<Publication> {
    const limit = performance.now() + 60_000
    for (;;) {
      const publication = this.hub.publications.get(`/live\n${name}`)
      const [first] = publication?.cache.frames ?? []
      if (publication?.state === 'live' && first?.role === 'key' && [...publication.cache.prelude()].length > 0) {
        return publication
      }
      if (performance.now() > limit) throw new Error(`${name} did not come in time`)
      await new Promise(resolve => setImmediate(resolve))
    }
  }

  async stop(): Promise<void> {
    this.#film?.cancel()
    this.#transport?.dismiss({ code: 'Connect.AppShutdown', description: 'the server stops' })
    await this.#transport?.close()
    this.#transport = null
    this.hub.close()
  }

  async restart(): Promise<void> {
    await this.stop()
    await this.start()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#transport) await this.stop()
  }
}
