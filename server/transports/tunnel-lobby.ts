import { connect } from 'node:net'
import type { Clock, Timer } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { HttpConfig, RtmpConfig } from '../config/config.ts'
import { HttpPort } from './http-port.ts'
import { lingerMs, tickMs } from './limits.ts'
import type { Line } from './line.ts'
import { TunnelDoor } from './tunnel-door.ts'
import { TurnedAway } from './turned-away.ts'

export interface TunnelLobbyOptions {
  readonly config: { readonly rtmp: RtmpConfig; readonly http: HttpConfig }
  readonly clock: Clock
  readonly log: Log
  /** The socket of the process that serves the next connection; null while there is none. */
  next(): string | null
}

/**
 * The HTTP port of a server whose connections are served by several processes. The requests of one tunnel come over
 * whatever HTTP connections its client opens, so that one process must have them all: it does, and hands the bytes of
 * each tunnel on to a process that serves it (handed-door.ts).
 */
export class TunnelLobby {
  readonly #door: TunnelDoor
  readonly #clock: Clock
  readonly #turnedAway: TurnedAway
  #ticking: Timer | null = null

  constructor({ config, clock, log, next }: TunnelLobbyOptions) {
    const { rtmp, http } = config
    this.#clock = clock
    this.#turnedAway = new TurnedAway(rtmp.connections, log)
    this.#door = new TunnelDoor(new HttpPort(http), rtmp.connections, {
      accept(line) {
        const path = next()
        if (path === null) line.stream.destroy()
        else handOn(line, path, clock)
      },
      turnedAway: () => this.#turnedAway.add(),
      failed: err => log.error({ err }, 'the HTTP port failed'),
    })
  }

  /** Resolves with its address by protocol; rejects with the system's error. */
  async listen(): Promise<Record<string, string>> {
    const rtmpt = await this.#door.listen()
    this.#ticking = this.#clock.every(tickMs, () => this.#turnedAway.report())
    return { rtmpt }
  }

  /** No tunnel is opened from here on. */
  close(): void {
    this.#ticking?.cancel()
    this.#door.close()
  }

  /** After close(): resolves when the last tunnel is gone. */
  get closed(): Promise<unknown> {
    return this.#door.closed
  }
}

/** Its bytes go there and come back; who serves it sees its end, and its end is that of who serves it. */
function handOn({ stream, address }: Line, path: string, clock: Clock): void {
  // Half open, because last words wait for their client's next request after the other side has said them.
  const socket = connect({ path, allowHalfOpen: true })
  socket.write(`${address}\n`)
  // What failed shows in the 'close' that follows.
  socket.on('error', () => {})
  socket.on('close', () => stream.destroy())
  socket.on('end', () => {
    const limit = clock.after(lingerMs, () => socket.destroy())
    socket.on('close', () => limit.cancel())
  })
  // The client has taken them.
  stream.on('finish', () => socket.end())
  stream.on('close', () => {
    socket.end()
    socket.resume()
  })
  stream.pipe(socket)
  socket.pipe(stream)
}
