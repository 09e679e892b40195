import type { Message } from '../rtmp/message.ts'
import { type Command, encodeStatus, readArgs } from './command.ts'
import { playlistMax } from './limits.ts'
import { Play, type Wishes } from './play.ts'
import { type PlayRequest, readPlayRequest } from './play-request.ts'
import { Publish } from './publish.ts'
import { playStatus, publishStatus, type Status } from './status.ts'
import type { StreamContext, StreamOwner } from './stream-context.ts'

type Doing = { name: 'nothing' } | { name: 'publishing'; publish: Publish } | { name: 'playing'; play: Play }

type Handler = (stream: NetStream, command: Command) => void

/** One stream of a client (createStream): it publishes, plays, or rests. */
export class NetStream implements StreamOwner {
  /** What a client may ask of a stream, by the name of the command. */
  static readonly #handlers: ReadonlyMap<string, Handler> = new Map<string, Handler>([
    ['publish', (stream, command) => stream.#publish(command)],
    ['play', (stream, command) => stream.#play(command)],
    ['play2', (stream, command) => stream.#play2(command)],
    ['pause', (stream, command) => stream.#pause(command)],
    ['pauseRaw', (stream, command) => stream.#pause(command)],
    ['seek', (stream, command) => stream.#seek(command)],
    ['receiveAudio', (stream, command) => stream.#wish({ audio: isWanted(command) })],
    ['receiveVideo', (stream, command) => stream.#wish({ video: isWanted(command) })],
    ['closeStream', stream => stream.close()],
  ])

  readonly id: number
  readonly #context: StreamContext
  readonly #wishes: Wishes = { audio: true, video: true }
  #doing: Doing = { name: 'nothing' }
  /** What is played when the present file has been. */
  readonly #playlist: PlayRequest[] = []
  /** The present file was shown to its end. */
  #isPlayed = false
  #buffer = 0

  constructor(id: number, context: StreamContext) {
    this.id = id
    this.#context = context
  }

  /** Whether a command by this name is a stream's to handle. */
  static handles(name: string): boolean {
    return NetStream.#handlers.has(name)
  }

  command(command: Command): void {
    NetStream.#handlers.get(command.name)?.(this, command)
  }

  /** Audio, video or data; nobody's while the stream is not publishing (what was under way when it ended). */
  receive(message: Message): void {
    if (this.#doing.name === 'publishing') this.#doing.publish.receive(message)
  }

  /** Does it publish this name, given in these words? */
  publishes(given: string): boolean {
    return this.#doing.name === 'publishing' && this.#doing.publish.given === given
  }

  /** The client ends what the stream does; it may be used again. */
  close(): void {
    const doing = this.#doing
    this.end()
    if (doing.name === 'publishing') this.status(publishStatus.ended(doing.publish.given))
    else if (doing.name === 'playing') this.status(playStatus.stop(doing.play.given))
  }

  /** The same without a word: the client deletes the stream, or uses it for something else. */
  end(): void {
    const doing = this.#doing
    this.#doing = { name: 'nothing' }
    this.#playlist.length = 0
    if (doing.name === 'publishing') doing.publish.end()
    else if (doing.name === 'playing') doing.play.end()
  }

  /** The connection is gone, and the hub hears of it as a whole. */
  gone(failure: string | null): void {
    const doing = this.#doing
    this.#doing = { name: 'nothing' }
    if (doing.name === 'publishing') doing.publish.gone(failure)
    else if (doing.name === 'playing') doing.play.gone()
  }

  status(status: Status): void {
    const { channel, encoding } = this.#context
    channel.send(encodeStatus(encoding, this.id, status))
  }

  over(): void {
    this.#doing = { name: 'nothing' }
    this.#playlist.length = 0
  }

  /** The player may still seek back in it, unless something else waits for its turn. */
  played(): void {
    this.#isPlayed = true
    const next = this.#playlist.shift()
    if (!next) return
    const rest = this.#playlist.splice(0)
    this.end()
    this.#playlist.push(...rest)
    this.#start(next)
  }

  /** The player's buffer is so long, in ms; it may say so before it plays. */
  buffer(ms: number): void {
    this.#buffer = ms
    this.#playing?.buffer(ms)
  }

  get #playing(): Play | undefined {
    return this.#doing.name === 'playing' ? this.#doing.play : undefined
  }

  #publish(command: Command): void {
    const [given, kind] = readArgs(command, 2)
    this.end()
    // publish(false) is how ActionScript ends it.
    if (given === false) return
    if (typeof given !== 'string') {
      this.status(publishStatus.noName())
      return
    }
    const type = kind === 'record' || kind === 'append' ? kind : 'live'
    const publish = new Publish(this.#context, this, given, type)
    this.#doing = { name: 'publishing', publish }
    publish.start()
  }

  #play(command: Command): void {
    const [given, start, length, reset] = readArgs(command, 4)
    this.#playName(given, start, length, reset !== false && reset !== 0)
  }

  /** ActionScript's NetStream.play2(options): `switch` and `swap` go on in another file where this one is. */
  #play2(command: Command): void {
    const [given] = readArgs(command, 1)
    const options = new Map(typeof given === 'object' && given !== null ? Object.entries(given) : [])
    const transition = options.get('transition')
    if (transition === 'stop') return this.close()
    const isAppended = transition === 'append' || transition === 'appendAndWait'
    const position = this.#playing?.position ?? null
    if (!isAppended) this.#playlist.length = 0
    const start = options.get('start')
    const isAnywhere = typeof start !== 'number' || start < 0
    const from = !isAppended && transition !== 'reset' && position !== null && isAnywhere ? position : start
    if (!isAppended) this.end()
    this.#playName(options.get('streamName'), from, options.get('len'), transition === 'reset')
  }

  /** Without `reset` a name waits until the files before it have been shown. */
  #playName(given: unknown, start: unknown, length: unknown, reset: boolean): void {
    // play(false) is how ActionScript stops.
    if (given === false) return this.end()
    if (typeof given !== 'string') {
      this.end()
      this.status(playStatus.noName())
      return
    }
    const request = readPlayRequest(given, start, length, reset)
    if (reset) this.#playlist.length = 0
    else if (this.#playing && !this.#playing.isLive && !this.#isPlayed) {
      if (this.#playlist.length < playlistMax) this.#playlist.push(request)
      else this.status(playStatus.refused(`A playlist holds ${playlistMax} names`))
      return
    }
    const playlist = this.#playlist.splice(0)
    this.end()
    this.#playlist.push(...playlist)
    this.#start(request)
  }

  #start(request: PlayRequest): void {
    this.#isPlayed = false
    const play = new Play(this.#context, this, request, this.#wishes, this.#buffer)
    this.#doing = { name: 'playing', play }
    play.start()
  }

  #pause(command: Command): void {
    const [paused] = readArgs(command, 1)
    this.#playing?.pause(paused === true)
  }

  #seek(command: Command): void {
    this.#isPlayed = false
    const [ms] = readArgs(command, 1)
    this.#playing?.seek(typeof ms === 'number' && ms > 0 ? ms : 0)
  }

  #wish(wish: Partial<Wishes>): void {
    Object.assign(this.#wishes, wish)
    this.#playing?.wish()
  }
}

function isWanted(command: Command): boolean {
  const [wanted] = readArgs(command, 1)
  return Boolean(wanted)
}
