import type { Message } from '../rtmp/message.ts'
import { type Command, encodeStatus, readArgs } from './command.ts'
import { Play, type Wishes } from './play.ts'
import { Publish } from './publish.ts'
import { playStatus, publishStatus, type Status } from './status.ts'
import { loggable, type StreamContext, type StreamOwner } from './stream-context.ts'

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
    if (kind === 'record' || kind === 'append') {
      this.#context.log.info({ name: loggable(given), kind }, 'nothing is recorded: published live')
    }
    const publish = new Publish(this.#context, this, given)
    this.#doing = { name: 'publishing', publish }
    publish.start()
  }

  #play(command: Command): void {
    // Start and duration mean nothing to what is live: every start plays it.
    const [given, , , reset] = readArgs(command, 4)
    this.#playName(given, reset !== false && reset !== 0)
  }

  /** ActionScript's NetStream.play2(options). */
  #play2(command: Command): void {
    const [options] = readArgs(command, 1)
    const isObject = typeof options === 'object' && options !== null && Object.hasOwn(options, 'streamName')
    this.#playName(isObject ? (options as { streamName: unknown }).streamName : undefined, false)
  }

  #playName(given: unknown, reset: boolean): void {
    this.end()
    // play(false) is how ActionScript stops.
    if (given === false) return
    if (typeof given !== 'string') {
      this.status(playStatus.noName())
      return
    }
    const play = new Play(this.#context, this, given, this.#wishes)
    this.#doing = { name: 'playing', play }
    play.start(reset)
  }

  #pause(command: Command): void {
    const [paused] = readArgs(command, 1)
    this.#playing?.pause(paused === true)
  }

  #seek(command: Command): void {
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
