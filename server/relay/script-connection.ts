import type { NetCommand, NetConnectCommand, NetTold, Reached, ReachedCommand } from '../apps/net-wire.ts'
import type { Log } from '../base/log.ts'
import { readRtmpUrl } from '../base/rtmp-url.ts'
import { type Hub, scriptsOf } from '../hub/hub.ts'
import type { CallResult } from '../hub/judge.ts'
import type { SharedMessage } from '../hub/shared-events.ts'
import type { Dial } from '../protocol/netconnection/dial.ts'
import { RemoteConnection, type RemoteOwner } from '../protocol/netconnection/remote-connection.ts'
import type { RemoteStatus } from '../protocol/netconnection/remote-status.ts'
import { answersMax, streamsMax } from './limits.ts'
import { ScriptStream } from './script-stream.ts'

export interface ScriptWorld {
  readonly hub: Hub
  readonly dial: Dial
  readonly log: Log
  /** What this server is known by to others. */
  readonly name: string
}

/** Who hears of it. */
export interface ScriptHearing {
  told(told: NetTold): void
  shared(message: SharedMessage): void
}

/** A connection to another server that a script has asked for (NetConnection): made once, and told of as it goes. */
export class ScriptConnection implements RemoteOwner, Reached {
  readonly #world: ScriptWorld
  readonly #app: string
  readonly #id: number
  readonly #tell: (told: NetTold) => void
  readonly #hearing: ScriptHearing
  readonly #streams = new Map<number, ScriptStream>()
  /** Calls of the other server that the script has not answered. */
  readonly #calls = new Map<number, (result: CallResult) => void>()
  #lastCall = 0
  #connection: RemoteConnection | null = null
  #hangUp: () => void = () => {}
  #isOver = false

  constructor(app: string, to: NetConnectCommand, hearing: ScriptHearing, world: ScriptWorld) {
    this.#world = world
    this.#app = app
    this.#id = to.connection
    this.#tell = told => hearing.told(told)
    this.#hearing = hearing
    this.#dial(to)
  }

  take(command: ReachedCommand): void {
    if (this.#isOver) return
    switch (command.c) {
      case 'netClose':
        return this.#close()
      case 'netCall':
        return this.#call(command)
      case 'netAnswer': {
        const answer = this.#calls.get(command.call)
        this.#calls.delete(command.call)
        return answer?.(resultOf(command))
      }
      case 'netPublish':
      case 'netPlay':
        return this.#stream(command)
      case 'netSend':
        return this.#streams.get(command.stream)?.send(command.name, command.values)
      case 'netBuffer':
        return this.#streams.get(command.stream)?.buffer(command.ms)
      case 'netStop':
        return this.#stop(command.stream)
    }
  }

  share(message: SharedMessage): void {
    this.#connection?.share(message)
  }

  // --------------------------------------------------------------------------------------- of the connection

  connected({ encoding, info }: RemoteStatus): void {
    this.#tell({ e: 'netConnected', connection: this.#id, encoding, info })
  }

  refused({ info }: RemoteStatus): void {
    this.status({ info })
  }

  status({ info }: Pick<RemoteStatus, 'info'>): void {
    this.#tell({ e: 'netStatus', connection: this.#id, info })
  }

  shared(message: SharedMessage): void {
    this.#hearing.shared(message)
  }

  called(name: string, args: Uint8Array, answer: (result: CallResult) => void): void {
    if (this.#calls.size >= answersMax) {
      return answer({ how: 'error', text: `${answersMax} calls wait for their answers` })
    }
    const call = ++this.#lastCall
    this.#calls.set(call, answer)
    // A copy, for a view would keep the whole read alive as long as it waits.
    this.#tell({ e: 'netCalled', connection: this.#id, call, name, args: Uint8Array.from(args) })
  }

  ended(failure: string | null): void {
    if (this.#isOver) return
    this.#isOver = true
    for (const stream of this.#streams.values()) stream.stop()
    this.#streams.clear()
    this.#calls.clear()
    this.#tell({ e: 'netEnded', connection: this.#id, failure: failure ?? '' })
  }

  // -------------------------------------------------------------------------------------------------- within

  #dial({ uri, addresses, encoding, args }: NetConnectCommand): void {
    const { dial, log, name } = this.#world
    const url = readRtmpUrl(uri)
    if (typeof url === 'string') return this.ended(url)
    const { app, tcUrl, host, port, secure } = url
    const own = log.child({ app: this.#app, to: `${host}:${port}` })
    const target = { app, tcUrl, encoding: encoding === 3 ? 3 : 0, args, via: [scriptsOf(name)] } as const
    this.#hangUp = dial.dial(
      { host, port, secure, addresses },
      {
        converse: channel => {
          this.#connection = new RemoteConnection({ channel, target, owner: this, log: own })
          return this.#connection
        },
        failed: text => this.ended(text),
      },
    )
  }

  #close(): void {
    if (this.#connection) this.#connection.close()
    else {
      this.#hangUp()
      this.ended(null)
    }
  }

  #call({ ticket, name, args }: NetCommand & { c: 'netCall' }): void {
    const answered = (answer: { ok: boolean; value?: Uint8Array; text?: string }): void => {
      const { ok, value, text } = answer
      const copy = value && { value: Uint8Array.from(value) }
      this.#tell({ e: 'answer', ticket, ok, ...copy, ...(text !== undefined && { text }) })
    }
    if (!this.#connection) {
      if (ticket !== 0) answered({ ok: false, text: 'not connected' })
    } else if (ticket === 0) this.#connection.call(name, args)
    else this.#connection.call(name, args, answered)
  }

  #stream(command: NetCommand & { c: 'netPublish' | 'netPlay' }): void {
    const { stream: id } = command
    this.#stop(id)
    if (!this.#connection || this.#streams.size >= streamsMax) return
    const told = (info: Uint8Array): void =>
      this.#tell({ e: 'netStreamStatus', connection: this.#id, stream: id, info })
    const stream = new ScriptStream(this.#connection, this.#world.hub, this.#world.log, told)
    this.#streams.set(id, stream)
    if (command.c === 'netPublish') stream.publish(command)
    else stream.play(command)
  }

  #stop(id: number): void {
    this.#streams.get(id)?.stop()
    this.#streams.delete(id)
  }
}

function resultOf({ how, value, text }: NetCommand & { c: 'netAnswer' }): CallResult {
  if (how === 'error') return { how, text: text ?? '' }
  return how === 'value' && value ? { how, value } : { how: 'nothing' }
}
