import type { NetCommand } from '../../server/apps/net-wire.ts'
import { encode } from '../amf.ts'
import { numberGiven, textGiven } from '../given.ts'
import { max, min, TypeErrorClass, textIndexOf, textSlice } from '../primordials.ts'
import { isPublication, type Publication, publicationStateOf } from '../publication.ts'
import { codeOf, infoOf, readInfo } from './info.ts'
import { isNetConnection, type NetConnection, type NetState, netStateOf, tellStatus } from './net-connection.ts'

/** Longest buffer, in seconds. */
const BUFFER_MAX = 3600

/** The script's stream on a NetConnection: a publication here is published there, or a stream there is published here. */
export class NetStream {
  readonly #state: NetState
  #number = 0
  /** The publication here, by its key; undefined: the one of the same name. */
  #attached: string | undefined
  #buffer = 0
  #doing: 'nothing' | 'publishing' | 'playing' = 'nothing'
  #startedAt = Number.NaN

  constructor(connection: NetConnection) {
    if (!isNetConnection(connection)) throw new TypeErrorClass('NetStream: connection is a NetConnection')
    this.#state = netStateOf(connection)
  }

  /** What publish() sends and play() fills here: a publication or its name; null: the one of the stream's own name. */
  attach(publication: Publication | string | null): void {
    if (publication === null) this.#attached = undefined
    else if (isPublication(publication)) this.#attached = publicationStateOf(publication).key
    else this.#attached = this.#keyOf(textGiven(publication, 'attach: publication'))
  }

  /** Publishes there under `name`; onStatus hears of it. `false` ends it. `type`: live, record, append. */
  publish(name: string | false, type: string = 'live'): void {
    this.#stop()
    if (name === false) return
    const given = textGiven(name, 'publish: name')
    const kind = textGiven(type, 'publish: type')
    if (kind !== 'live' && kind !== 'record' && kind !== 'append') {
      throw new TypeErrorClass('publish: type is live, record or append')
    }
    const publication = this.#attached ?? this.#keyOf(given)
    this.#begin('publishing', (connection, stream) => {
      const command = { c: 'netPublish', connection, stream, name: given, kind, publication } as const
      return [command, given.length + publication.length]
    })
  }

  /** Plays what is there under `name`: it is published here. `false` ends it. */
  play(name: string | false, ...values: unknown[]): void {
    this.#stop()
    if (name === false) return
    const given = textGiven(name, 'play: name')
    const publication = this.#attached ?? this.#keyOf(given)
    const bufferMs = this.#buffer * 1000
    this.#begin('playing', (connection, stream) => {
      const args = encode(values, this.#state.agreed, this.#state.nets.engine.outbox)
      const command = { c: 'netPlay', connection, stream, name: given, args, publication, bufferMs } as const
      return [command, given.length + publication.length + args.length]
    })
  }

  /** A data message to those who play what this publishes there. */
  send(handler: string, ...values: unknown[]): void {
    const name = textGiven(handler, 'send: handler')
    const state = this.#state
    const bytes = encode(values, 0, state.nets.engine.outbox)
    if (this.#doing === 'nothing' || state.standing !== 'connected') return
    const command = { c: 'netSend', connection: state.number, stream: this.#number, name, values: bytes } as const
    state.nets.write(command, bytes.length + name.length)
  }

  /** Seconds that the other server may send ahead of what is played. */
  setBufferTime(seconds: number): void {
    this.#buffer = min(BUFFER_MAX, max(0, numberGiven(seconds, 'setBufferTime: seconds')))
    const state = this.#state
    if (this.#doing === 'nothing' || state.standing !== 'connected') return
    const ms = this.#buffer * 1000
    state.nets.write({ c: 'netBuffer', connection: state.number, stream: this.#number, ms }, 0)
  }

  get bufferTime(): number {
    return this.#buffer
  }

  /** Seconds since the other server began to take it, or to send it; 0 before. */
  get time(): number {
    const { clock } = this.#state.nets.engine
    return this.#startedAt > 0 ? (clock.now() - this.#startedAt) / 1000 : 0
  }

  /** Ends what it does; it may be used again. */
  close(): void {
    this.#stop()
  }

  get [Symbol.toStringTag](): string {
    return 'NetStream'
  }

  #begin(what: 'publishing' | 'playing', make: (connection: number, stream: number) => [NetCommand, number]): void {
    const state = this.#state
    const stream = state.nets.number()
    this.#number = stream
    this.#doing = what
    state.whenConnected(failure => {
      if (this.#number !== stream) return
      if (failure !== undefined) {
        this.#doing = 'nothing'
        const code = what === 'publishing' ? 'NetStream.Publish.Failed' : 'NetStream.Play.Failed'
        this.#tell(() => infoOf('error', code, failure))
        return
      }
      state.streams.set(stream, {
        status: info => this.#status(info),
        gone: () => {
          this.#doing = 'nothing'
          this.#startedAt = Number.NaN
        },
      })
      const [command, bytes] = make(state.number, stream)
      state.nets.write(command, bytes)
    })
  }

  #stop(): void {
    const state = this.#state
    if (this.#number !== 0 && state.streams.has(this.#number) && state.standing === 'connected') {
      state.nets.write({ c: 'netStop', connection: state.number, stream: this.#number }, 0)
    }
    state.streams.delete(this.#number)
    this.#number = 0
    this.#doing = 'nothing'
    this.#startedAt = Number.NaN
  }

  #status(bytes: Uint8Array): void {
    const { clock } = this.#state.nets.engine
    this.#tell(() => {
      const info = readInfo(bytes)
      const code = codeOf(info)
      if (code === 'NetStream.Publish.Start' || code === 'NetStream.Play.Start') this.#startedAt = clock.now()
      return info
    })
  }

  #tell(info: () => unknown): void {
    tellStatus(this.#state.nets, this, 'NetStream.onStatus', info)
  }

  /** Names here are addresses within the application; what stands behind a `?` is for the other server. */
  #keyOf(name: string): string {
    const mark = textIndexOf(name, '?')
    return `${this.#state.nets.engine.path}\n${mark < 0 ? name : textSlice(name, 0, mark)}`
  }
}
