import { decode, encode } from './amf.ts'
import type { Engine } from './engine.ts'
import { numberGiven, textGiven } from './given.ts'
import { ADDRESS_TEXT } from './limits.ts'
import type { Mirrors } from './mirrors.ts'
import { nameErrors } from './named.ts'
import { codeOf, infoOf } from './net/info.ts'
import type { NetConnection } from './net/net-connection.ts'
import { NetStream } from './net/net-stream.ts'
import { notify } from './notify.ts'
import { isFiniteNumber, setOwn, TypeErrorClass, textLastIndexOf, textSlice, toText } from './primordials.ts'
import { nowhere } from './stack.ts'

export interface StreamWorld {
  readonly engine: Engine
  readonly mirrors: Mirrors
}

type Mode = 'record' | 'append'

/** What stands behind a Stream. */
export class StreamState {
  readonly world: StreamWorld
  /** Hears what becomes of it from now on. */
  readonly hold: (stream: Stream) => void
  readonly name: string
  bufferTime = 0
  isPlaying = false
  /** What brings a stream of another server here. */
  remote: NetStream | undefined
  began = 0
  /** To be recorded once it is there. */
  wish: Mode | undefined

  constructor(world: StreamWorld, name: string, hold: (stream: Stream) => void) {
    this.world = world
    this.hold = hold
    this.name = name
  }

  get key(): string {
    return `${this.world.engine.path}\n${this.name}`
  }
}

/** The engine's hand on a stream; a TypeError for anything else. */
export let streamStateOf: (stream: Stream) => StreamState

export let isStream: (given: unknown) => given is Stream

/** A stream of this application: the server plays into it, records it, and speaks to those who watch it. */
export class Stream {
  readonly #state: StreamState

  constructor(state: StreamState) {
    this.#state = state
  }

  static {
    streamStateOf = stream => stream.#state
    isStream = (given): given is Stream => typeof given === 'object' && given !== null && #state in given
  }

  get name(): string {
    return this.#state.name
  }

  get bufferTime(): number {
    return this.#state.bufferTime
  }

  /** Seconds since the server began to play into it; 0 when it does not. */
  get time(): number {
    const { isPlaying, began, world } = this.#state
    return isPlaying ? (world.engine.clock.now() - began) / 1000 : 0
  }

  /** What stood behind a "?" in the name its publisher gave. */
  get publishQueryString(): string {
    const { world, key } = this.#state
    const query = world.mirrors.publication(key)?.facts.query ?? {}
    let text = ''
    for (const name in query) text += `${text === '' ? '' : '&'}${name}=${query[name]}`
    return text
  }

  /** Seconds that players may wait for; their own buffers are what counts. */
  setBufferTime(seconds: number): void {
    this.#state.bufferTime = numberGiven(seconds, 'setBufferTime: seconds')
  }

  /**
   * Plays a live stream or a recording into this one. `start` in seconds: from 0 on of a recording, -1 of a live stream, -2 of
   * whichever there is; `length`: -1 is all of it. Without `reset` it follows what is played already. `false` ends it all. With a
   * `connection` it is the stream of its server, in place of all that was played.
   */
  play(
    source: string | false,
    start: number = -2,
    length: number = -1,
    reset: unknown = true,
    connection: object | null | undefined = undefined,
  ): boolean {
    const state = this.#state
    const { engine } = state.world
    state.remote?.close()
    state.remote = undefined
    if (source === false) {
      engine.outbox.write({ c: 'streamStop', stream: state.name }, state.name.length)
      return true
    }
    const name = streamName(source, 'play: the source')
    const from = numberGiven(start, 'play: start')
    if (connection !== null && connection !== undefined) {
      this.#playFrom(connection, name, from, numberGiven(length, 'play: length'))
      return true
    }
    const command = {
      c: 'streamPlay',
      stream: state.name,
      source: name,
      start: from < 0 && from !== -1 ? -2 : from,
      length: numberGiven(length, 'play: length'),
      reset: reset !== false && reset !== 0 && reset !== 2,
    } as const
    engine.outbox.write(command, name.length + state.name.length)
    state.hold(this)
    if (!state.isPlaying) state.began = engine.clock.now()
    state.isPlaying = true
    if (state.wish !== undefined) this.#record(state.wish)
    return true
  }

  /** `record`, `append`, or false to end it. What nobody publishes yet is recorded once the server plays into it. */
  record(mode: Mode | boolean = 'record'): boolean {
    const state = this.#state
    const { engine, mirrors } = state.world
    if (mode === false) {
      state.wish = undefined
      engine.outbox.write({ c: 'stopRecording', publication: state.key }, 0)
      return true
    }
    const wish = mode === true ? 'record' : mode
    if (wish !== 'record' && wish !== 'append') throw new TypeErrorClass("record: takes 'record', 'append' or false")
    const publisher = mirrors.publication(state.key)?.facts.publisherId ?? ''
    if (publisher === '' && !state.isPlaying) state.wish = wish
    else this.#record(wish)
    return true
  }

  /** Calls a function of everybody who watches it. */
  send(handler: string, ...values: unknown[]): boolean {
    const { world, key, name } = this.#state
    const { engine, mirrors } = world
    const method = textGiven(handler, 'send: the name')
    const bytes = encode(values, 0, engine.outbox)
    // Where nobody publishes, the server does: a stream of messages is one too.
    if ((mirrors.publication(key)?.facts.publisherId ?? '') === '') {
      engine.outbox.write({ c: 'publish', ticket: 0, address: name }, name.length)
    }
    engine.outbox.write({ c: 'send', publication: key, name: method, values: bytes }, bytes.length + method.length)
    return true
  }

  /** Deletes what is recorded of it. */
  clear(): boolean {
    forget(this.#state.world, this.#state.name, 'delete')
    return true
  }

  /** Nothing is held back here: what is recorded is written as it comes. */
  flush(): boolean {
    return true
  }

  /** The metadata of what is published in it; null when there is none. */
  getOnMetaData(): unknown {
    const bytes = this.#state.world.mirrors.publication(this.#state.key)?.metadata
    return bytes === undefined ? null : (decode(bytes)[0] ?? null)
  }

  #playFrom(connection: object, source: string, start: number, length: number): void {
    const state = this.#state
    const { engine } = state.world
    const remote = new NetStream(connection as NetConnection)
    remote.attach(state.name)
    remote.setBufferTime(state.bufferTime)
    const onStatus = (info: unknown) => {
      const code = codeOf(info)
      if (state.remote === remote && ended.test(code)) state.isPlaying = false
      // In a turn of its own kind: what tells it is on the stage still.
      engine.timers.set(0, () => notify(engine, 'onStatus of a stream', this, 'onStatus', [info]))
    }
    setOwn(remote, 'onStatus', onStatus)
    engine.outbox.write({ c: 'streamStop', stream: state.name }, state.name.length)
    remote.play(source, milliseconds(start), milliseconds(length))
    state.remote = remote
    state.hold(this)
    state.began = engine.clock.now()
    state.isPlaying = true
  }

  #record(mode: Mode): void {
    const state = this.#state
    const { engine } = state.world
    state.wish = undefined
    const write = (ticket: number): void => {
      const rest = { format: 'flv', append: mode === 'append', segment: 0, path: '' }
      engine.outbox.write({ c: 'record', ticket, publication: state.key, ...rest }, 0)
    }
    engine.asks.open('', write, ({ ok, text = '' }) => {
      if (ok) this.#tell('status', 'NetStream.Record.Start', `${state.name} is being recorded`)
      else this.#tell('error', 'NetStream.Record.Failed', text)
    })
  }

  #tell(level: 'status' | 'error', code: string, description: string): void {
    const { engine } = this.#state.world
    // In a turn of its own kind: an answer is still on the stage.
    engine.timers.set(0, () =>
      notify(engine, 'onStatus of a stream', this, 'onStatus', [infoOf(level, code, description)]),
    )
  }
}
nameErrors(Stream.prototype)

/** As clients say it on the wire; what is negative has a meaning of its own. */
export function milliseconds(seconds: number): number {
  return isFiniteNumber(seconds) && seconds >= 0 ? seconds * 1000 : seconds
}

/** After these nothing comes from another server. */
const ended = /^NetStream\.Play\.(Failed|Stop|StreamNotFound)$/

/** What becomes of it is told to the log alone. */
export function forget({ engine }: StreamWorld, name: string, what: 'clear' | 'delete'): void {
  const write = (ticket: number): void => engine.outbox.write({ c: 'recordings', ticket, what, name }, name.length)
  engine.asks.open('', write, ({ ok, text = '' }) => {
    if (!ok) engine.outbox.log('warn', `${name || 'the recordings'} could not be cleared: ${text}`, nowhere)
  })
}

/** Throws a TypeError that says what it is not. */
export function streamName(given: unknown, what: string): string {
  const name = toText(textGiven(given, what))
  const bare = textSlice(name, textLastIndexOf(name, ':') + 1)
  if (bare !== '' && name.length <= ADDRESS_TEXT) return name
  throw new TypeErrorClass(`${what} is a text of 1 to ${ADDRESS_TEXT} characters`)
}
