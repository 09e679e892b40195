import { createServer, type Server, type Socket } from 'node:net'
import type { Log } from '../base/log.ts'
import type { Feed, Publication } from '../hub/publication.ts'
import { type Frame, FrameKind, FrameRole } from '../media/frame.ts'
import { relayHelloMs, relayQueueBytes, relayReturnPart } from './limits.ts'
import { encodeForget, encodeHeader, readHello } from './relay-frames.ts'

/** Gives what is published in this process to others that pull it. */
export class RelaySource {
  readonly #log: Log
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #published = new Map<string, Publication>()
  /** Those who want a publication, by its key; they may come a little before it. */
  readonly #outlets = new Map<string, RelayFeed>()

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
    this.#published.set(publication.key, publication)
    const feed = this.#outlets.get(publication.key)
    if (!feed) return
    publication.feed = feed
    feed.enter(publication)
  }

  end(publication: Publication): void {
    if (!this.#published.delete(publication.key)) return
    publication.feed = null
    this.#outlets.get(publication.key)?.end()
    this.#outlets.delete(publication.key)
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
    const feed = this.#outlets.get(key) ?? new RelayFeed()
    this.#outlets.set(key, feed)
    const publication = this.#published.get(key)
    const pulled = new PulledSocket(socket, key, this.#log)
    feed.add(pulled)
    if (publication) {
      publication.feed = feed
      pulled.enter(publication)
    }
    socket.on('close', () => {
      feed.remove(pulled)
      if (feed.size > 0 || this.#outlets.get(key) !== feed) return
      this.#outlets.delete(key)
      const current = this.#published.get(key)
      if (current?.feed === feed) current.feed = null
    })
  }
}

/** All who pull one publication. */
class RelayFeed implements Feed {
  readonly #sockets = new Set<PulledSocket>()

  get size(): number {
    return this.#sockets.size
  }

  add(socket: PulledSocket): void {
    this.#sockets.add(socket)
  }

  remove(socket: PulledSocket): void {
    this.#sockets.delete(socket)
  }

  enter(publication: Publication): void {
    for (const socket of this.#sockets) socket.enter(publication)
  }

  frame(publication: Publication, frame: Frame): void {
    for (const socket of this.#sockets) socket.offer(publication, frame)
  }

  forget(): void {
    for (const socket of this.#sockets) socket.forget()
  }

  end(): void {
    for (const socket of this.#sockets) socket.end()
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

  /** What a latecomer needs. */
  enter({ cache }: Publication): void {
    for (const frame of cache.prelude()) this.#write(frame)
    for (const frame of cache.frames) this.#write(frame)
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
