import { createServer, type Server, type Socket } from 'node:net'
import type { Log } from '../base/log.ts'
import type { Feed, Publication } from '../hub/publication.ts'
import { type Frame, FrameKind, FrameRole } from '../media/frame.ts'
import { overture, relayHelloMs, relayQueueBytes, relayReturnPart } from './limits.ts'
import { encodeForget, encodeHeader, readHello } from './relay-frames.ts'

/** Gives what is published in this process to others that pull it. */
export class RelaySource {
  readonly #log: Log
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #published = new Map<string, Publication>()
  /** Those who want a publication, by its key; they may come a little before it. */
  readonly #feeds = new Map<string, RelayFeed>()

  constructor(log: Log) {
    this.#log = log
    this.#server = createServer({ noDelay: true }, socket => this.#accept(socket))
  }

  /** `address`: a path for a Unix socket, in a folder that is nobody else's. */
  async listen(address: string): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(address, resolve)
    })
    this.#server.on('error', err => this.#log.error({ err }, 'the relay failed'))
  }

  begin(publication: Publication): void {
    const { key } = publication
    this.#published.set(key, publication)
    publication.feed = this.#feed(key)
    this.#feed(key).begin()
  }

  end(publication: Publication): void {
    if (!this.#published.delete(publication.key)) return
    publication.feed = null
    this.#feeds.get(publication.key)?.end()
    this.#feeds.delete(publication.key)
  }

  close(): void {
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket)
    let hello: Buffer = Buffer.alloc(0)
    socket.on('error', err => this.#log.debug({ err }, 'a relay broke'))
    socket.on('close', () => this.#sockets.delete(socket))
    socket.setTimeout(relayHelloMs, () => socket.destroy())
    const read = (bytes: Buffer): void => {
      hello = Buffer.concat([hello, bytes])
      const key = readHello(hello)
      if (key === null) return
      socket.off('data', read)
      socket.setTimeout(0)
      // Nothing more is said on this side; reading on shows when it is closed.
      socket.resume()
      this.#serve(key, socket)
    }
    socket.on('data', read)
  }

  #serve(key: string, socket: Socket): void {
    const feed = this.#feed(key)
    const publication = this.#published.get(key)
    const pulled = new PulledSocket(socket, key, this.#log)
    feed.add(pulled, publication)
    if (publication) publication.feed = feed
    socket.on('close', () => {
      feed.remove(pulled)
      if (!feed.isIdle || this.#feeds.get(key) !== feed) return
      this.#feeds.delete(key)
      const current = this.#published.get(key)
      if (current) current.feed = null
    })
  }

  #feed(key: string): RelayFeed {
    let feed = this.#feeds.get(key)
    if (!feed) {
      feed = new RelayFeed()
      this.#feeds.set(key, feed)
    }
    return feed
  }
}

/**
 * All who pull one publication. Its first frames are kept whole for a moment: for players who waited for it elsewhere,
 * until their process pulls it.
 */
class RelayFeed implements Feed {
  readonly #sockets = new Set<PulledSocket>()
  #overture: Frame[] | null = null
  #overtureBytes = 0

  /** Nobody pulls it, and what it keeps is not needed any more. */
  get isIdle(): boolean {
    return this.#sockets.size === 0 && this.#overture === null
  }

  begin(): void {
    this.#overture = []
    this.#overtureBytes = 0
  }

  /** The publication may come later. */
  add(socket: PulledSocket, publication: Publication | undefined): void {
    this.#sockets.add(socket)
    if (this.#overture) socket.take(this.#overture)
    else if (publication) socket.enter(publication)
  }

  remove(socket: PulledSocket): void {
    this.#sockets.delete(socket)
  }

  frame(publication: Publication, frame: Frame): void {
    for (const socket of this.#sockets) socket.offer(publication, frame)
    if (this.#overture) this.#keep(this.#overture, frame)
    if (this.isIdle) publication.feed = null
  }

  forget(): void {
    for (const socket of this.#sockets) socket.forget()
  }

  end(): void {
    for (const socket of this.#sockets) socket.end()
  }

  #keep(frames: Frame[], frame: Frame): void {
    frames.push(frame)
    this.#overtureBytes += frame.payload.length
    const ms = frame.timestamp - frames[0]!.timestamp
    const isOver = ms > overture.ms || frames.length > overture.frames || this.#overtureBytes > overture.bytes
    if (isOver) this.#overture = null
  }
}

/** One process that pulls one publication: a lagging one gets nothing until it has caught up, then a key frame. */
class PulledSocket {
  readonly #socket: Socket
  readonly #key: string
  readonly #log: Log
  #corked = false
  #lagging = false

  constructor(socket: Socket, key: string, log: Log) {
    this.#socket = socket
    this.#key = key
    this.#log = log
  }

  take(frames: readonly Frame[]): void {
    for (const frame of frames) this.#write(frame)
  }

  /** What a latecomer needs. */
  enter({ cache }: Publication): void {
    this.take([...cache.prelude(), ...cache.frames])
  }

  offer({ cache, hasVideo }: Publication, frame: Frame): void {
    const waiting = this.#socket.writableLength
    if (this.#lagging) {
      if (waiting > relayQueueBytes * relayReturnPart) return
      if (hasVideo && !(frame.kind === FrameKind.Video && frame.role === FrameRole.Key)) return
      this.#lagging = false
      for (const kept of cache.prelude()) this.#write(kept)
    } else if (waiting > relayQueueBytes) {
      this.#lagging = true
      this.#log.warn({ publication: this.#key, waiting }, 'a relay lags: dropping to the next key frame')
      return
    }
    this.#write(frame)
  }

  forget(): void {
    if (!this.#lagging) this.#socket.write(encodeForget())
  }

  end(): void {
    this.#socket.end()
  }

  /** What one turn brings leaves in one system call. */
  #write(frame: Frame): void {
    if (!this.#corked) {
      this.#corked = true
      this.#socket.cork()
      queueMicrotask(() => {
        this.#corked = false
        this.#socket.uncork()
      })
    }
    this.#socket.write(encodeHeader(frame))
    if (frame.payload.length > 0) this.#socket.write(frame.payload)
  }
}
