import type { Timer } from '../base/clock.ts'
import { IpRanges, ipOf } from '../base/ip-ranges.ts'
import type { Config } from '../config/config.ts'
import type { Farewell } from '../hub/client.ts'
import type { Reception } from '../hub/hub.ts'
import { NetConnection } from '../protocol/netconnection/net-connection.ts'
import { ServerHandshake } from '../protocol/rtmp/handshake.ts'
import { HandedDoor } from './handed-door.ts'
import { HttpPort } from './http-port.ts'
import { tickMs, unreadBytes } from './limits.ts'
import type { Door, DoorOptions, Line } from './line.ts'
import { RtmpConnection, type RtmpConnectionOptions, type Side } from './rtmp-connection.ts'
import { TcpDoor } from './tcp-door.ts'
import { TlsDoor } from './tls-door.ts'
import { TunnelDoor } from './tunnel-door.ts'
import { TurnedAway } from './turned-away.ts'

export interface RtmpTransportOptions extends Pick<RtmpConnectionOptions, 'clock' | 'log'> {
  readonly hub: Reception
  readonly config: Pick<Config, 'rtmp' | 'rtmps' | 'http' | 'listener' | 'publication'>
  /** Where another process, which has the HTTP port, hands tunnels on; without it the port is ours. */
  readonly handed?: string
}

/** RTMP over whatever carries it: the doors that are open, and the connections that came in by them. */
export class RtmpTransport {
  readonly #options: RtmpConnectionOptions
  readonly #side: Side
  readonly #bans = new IpRanges()
  readonly #doors = new Map<string, Door>()
  readonly #connections = new Set<RtmpConnection>()
  readonly #turnedAway: TurnedAway
  #ticking: Timer | null = null

  /** Throws a ConfigError when what a door needs cannot be used. */
  constructor({ hub, config, clock, log, handed }: RtmpTransportOptions) {
    const { rtmp, rtmps, http, listener, publication } = config
    this.#options = { config: rtmp, sendQueueBytes: sendQueueOf(listener, publication), clock, log }
    this.#side = {
      handshake: () => new ServerHandshake({ encryption: rtmp.rtmpe }),
      converse: (channel, log) => new NetConnection({ hub, channel, log, streams: rtmp.streams }),
    }
    this.#turnedAway = new TurnedAway(rtmp.connections, log)
    const host = (name: string) => ({
      accept: (line: Line) => this.#accept(line),
      turnedAway: () => this.#turnedAway.add(),
      failed: (err: Error) => log.error({ err }, `the ${name} port failed`),
    })
    this.#doors.set('rtmp', new TcpDoor(rtmp, host('RTMP')))
    if (rtmps.port !== null) this.#doors.set('rtmps', new TlsDoor(rtmp, rtmps, host('RTMPS'), log))
    if (!rtmp.rtmpt) return
    const door =
      handed === undefined
        ? new TunnelDoor(new HttpPort(http), rtmp.connections, host('HTTP'))
        : new HandedDoor(handed, host('tunnel'))
    this.#doors.set('rtmpt', door)
  }

  /** Resolves with "host:port" of each door; rejects with the system's error when a port cannot be had. */
  async listen(options: DoorOptions = { reusePort: false }): Promise<Record<string, string>> {
    const { clock } = this.#options
    const addresses: Record<string, string> = {}
    try {
      for (const [name, door] of this.#doors) addresses[name] = await door.listen(options)
    } catch (error) {
      for (const name of Object.keys(addresses)) this.#doors.get(name)!.close()
      throw error
    }
    this.#ticking = clock.every(tickMs, () => this.#tick(clock.now()))
    return addresses
  }

  get connections(): number {
    return this.#connections.size
  }

  /** Connections from these addresses and ranges are cut before the handshake, and open ones closed; or no longer. */
  ban(on: boolean, entries: readonly string[]): void {
    for (const entry of entries) {
      if (on) this.#bans.add(entry)
      else this.#bans.remove(entry)
    }
    if (!on) return
    for (const connection of this.#connections) {
      if (!this.#bans.covers(ipOf(connection.address))) continue
      connection.close({ code: 'Connect.Closed', description: 'address is banned' })
    }
  }

  /** Nobody is accepted from here on, and everybody hears these last words. */
  dismiss(farewell: Farewell): void {
    for (const door of this.#doors.values()) door.close()
    for (const connection of this.#connections) connection.close(farewell)
  }

  /** After dismiss(): resolves when every line is closed; those that do not read their last words are cut in time. */
  async close(): Promise<void> {
    await Promise.all([...this.#doors.values()].map(door => door.closed))
    this.#ticking?.cancel()
  }

  #accept(line: Line): void {
    if (this.#bans.covers(ipOf(line.address))) {
      line.stream.destroy()
      return
    }
    const connection = new RtmpConnection(line, this.#side, this.#options)
    this.#connections.add(connection)
    line.stream.on('close', () => this.#connections.delete(connection))
  }

  #tick(now: number): void {
    for (const connection of this.#connections) connection.tick(now)
    this.#turnedAway.report()
  }
}

/** Bytes that may wait for one peer, its media included. */
export function sendQueueOf(
  listener: Pick<Config['listener'], 'queueBytes'>,
  publication: Pick<Config['publication'], 'gopBytes'>,
): number {
  return listener.queueBytes + 2 * publication.gopBytes + unreadBytes
}
