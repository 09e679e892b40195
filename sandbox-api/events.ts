import type { HookEvent, MirrorEvent, PacketFacts } from '../server/apps/wire.ts'
import { decode } from './amf.ts'
import type { Answers } from './answers.ts'
import type { Calls } from './calls.ts'
import { claim } from './claims.ts'
import type { ClientState } from './client-state.ts'
import type { Engine } from './engine.ts'
import { Grants } from './grants.ts'
import type { HookName } from './hook-names.ts'
import type { Hooks } from './hooks.ts'
import type { Mirrors } from './mirrors.ts'
import { list, prepend, reflectApply } from './primordials.ts'
import { Publication } from './publication.ts'
import { isRefusal } from './refusal.ts'
import { sharedChanged, sharedMessage, sharedStatus } from './shared-events.ts'
import type { Outcome, Script } from './stage.ts'
import { faultOf } from './thrown.ts'

/** A `packets` event taken apart: each packet is a handler's run of its own, and the last word answers for all. */
export type PacketEvent = { e: 'packet'; packet: PacketFacts } | { e: 'packetsSeen'; ticket: number }

const packetHooks = { audio: 'onAudioPacket', video: 'onVideoPacket', data: 'onDataPacket' } as const

/** From events to hooks and back: whom an event concerns, with what the hook is called, what its outcome means. */
export class Events {
  readonly #engine: Engine
  readonly #mirrors: Mirrors
  readonly #hooks: Hooks
  readonly #answers: Answers
  readonly #calls: Calls
  readonly grants = new Grants((client, publication) => this.#told('onUnpublish', [client, publication]))

  constructor(engine: Engine, mirrors: Mirrors, hooks: Hooks, answers: Answers, calls: Calls) {
    this.#engine = engine
    this.#mirrors = mirrors
    this.#hooks = hooks
    this.#answers = answers
    this.#calls = calls
  }

  handle(event: MirrorEvent | HookEvent | PacketEvent): void {
    switch (event.e) {
      case 'onStart':
        this.#life('onStart', event.ticket, [event.path, { reason: event.reason, state: undefined }])
        break
      case 'onStop':
        this.#life('onStop', event.ticket, [event.path, event.reason])
        break
      case 'onManage':
        this.#told('onManage', [])
        break
      case 'onHandshake':
        this.#handshake(event)
        break
      case 'onConnection':
        this.#connection(event)
        break
      case 'onConnectionAccepted':
      case 'onDisconnection':
        this.#aboutClient(event.e, event.client)
        break
      case 'onConnectionRejected':
        this.#aboutClient(event.e, event.client, event.text)
        break
      case 'onFailed':
        this.#aboutClient(event.e, event.client, event.error)
        break
      case 'onRoomCreate':
        this.#life('onRoomCreate', event.ticket, listOf(this.#mirrors.rooms.get(event.room)?.view))
        break
      case 'onRoomEnter': {
        const values = pair(this.#mirrors.client(event.client), this.#mirrors.rooms.get(event.room))
        this.#judged('onRoomEnter', event.ticket, values)
        break
      }
      case 'onRoomLeave': {
        const room = this.#mirrors.rooms.get(event.room)
        if (room !== undefined) this.#aboutClient('onRoomLeave', event.client, room.view)
        break
      }
      case 'onRoomDestroy': {
        const room = this.#mirrors.rooms.get(event.room)
        if (room !== undefined) this.#told('onRoomDestroy', [room.view])
        break
      }
      case 'onPublish':
        this.#publish(event)
        break
      case 'onPublishConflict':
        this.#conflict(event)
        break
      case 'onUnpublish':
        this.#unpublish(event)
        break
      case 'onSubscribe':
        this.#subscribe(event)
        break
      case 'onUnsubscribe': {
        const listener = this.#mirrors.listener(event.listener)
        if (listener !== undefined) this.#aboutClient('onUnsubscribe', event.client, listener.view)
        return
      }
      case 'onRecorded': {
        const { facts, file } = event
        // It may be gone already: then it is shown as it was.
        const key = `${facts.app}\n${facts.address}`
        const publication = this.#mirrors.publication(key)?.view ?? new Publication(this.#engine, key, facts)
        this.#told('onRecorded', [publication, file])
        break
      }
      case 'onCreateStream': {
        const client = this.#mirrors.client(event.client)
        this.#judged('onCreateStream', event.ticket, client && [client.view, event.streamId])
        break
      }
      case 'onPause':
      case 'onSeek': {
        const values = pair(this.#mirrors.client(event.client), this.#mirrors.listener(event.listener))
        const what = event.e === 'onPause' ? event.paused : event.ms
        this.#judged(event.e, event.ticket, values && [...values, what])
        break
      }
      case 'adopt':
        this.adopt(event.client, () => {})
        break
      case 'call':
        this.#calls.handle(event, this.#mirrors.client(event.client))
        break
      case 'appCall':
        this.#calls.fromApp(event)
        break
      case 'onJoinGroup':
      case 'onUnjoinGroup':
        this.#aboutClient(event.e, event.client, this.#mirrors.groups.at(event.app, event.id))
        break
      case 'packetsSeen':
        this.#answers.accept(event.ticket)
        break
      case 'packet':
        this.#packet(event.packet)
        break
      case 'answer':
        this.#answered(event)
        break
      case 'shared':
        sharedChanged(this.#engine.stage, this.#mirrors.shared, event.facts)
        break
      case 'sharedMessage':
        sharedMessage(this.#engine.stage, this.#mirrors.shared, event)
        break
      case 'sharedStatus':
        sharedStatus(this.#engine, this.#mirrors.shared, event)
        break
      case 'sharedHeard':
        this.#answers.accept(event.ticket)
        break
      case 'packets':
      case 'streamStatus':
        break
      case 'publication':
        this.#mirrors.apply(event)
        this.grants.changed(`${event.facts.app}\n${event.facts.address}`)
        break
      case 'unpublication':
        this.#mirrors.apply(event)
        this.grants.changed(event.publication)
        break
      default:
        this.#mirrors.apply(event satisfies MirrorEvent)
    }
  }

  /** Reading the answer may run the script's code: what goes wrong there reaches whoever waits. */
  #answered(event: HookEvent & { e: 'answer' }): void {
    const ask = this.#engine.asks.take(event.ticket)
    if (ask === undefined) return
    const run = () => ask(event)
    this.#engine.stage.play('answer', run, undefined, list(), false, outcome => {
      if (outcome.how === 'limit') ask({ ok: false, text: outcome.text })
    })
  }

  /** The client was here before this version: onAdopt, else onConnection with its verdict ignored. */
  adopt(id: string, done: () => void): void {
    const client = this.#mirrors.client(id)
    if (client === undefined || client.gone || client.adopted) {
      done()
      return
    }
    client.adopted = true
    client.answered = true
    const onAdopt = this.#hooks.get('onAdopt')
    const name = onAdopt === undefined ? 'onConnection' : 'onAdopt'
    // A claim stood in place of onConnection, and handlers are not asked again.
    const hook = onAdopt ?? (this.#hooks.connectHandlers === undefined ? this.#hooks.get('onConnection') : undefined)
    if (hook === undefined) {
      done()
      return
    }
    const script = name === 'onAdopt' ? hook : this.#onConnection(client, hook)
    this.#engine.stage.play(name, script, undefined, [client.view], true, outcome => {
      if (outcome.how === 'thrown' && !isRefusal(outcome.error)) this.#engine.fault(name, outcome.error)
      done()
    })
  }

  #handshake({ ticket, address, path, properties, attempts }: HookEvent & { e: 'onHandshake' }): void {
    const values = [address, path, properties, attempts]
    this.#asked('onHandshake', ticket, values, outcome => this.#answers.handshake(ticket, outcome))
  }

  #connection({ ticket, client: id }: HookEvent & { e: 'onConnection' }): void {
    const client = this.#mirrors.client(id)
    const script = this.#connectScript(client)
    if (client === undefined || script === undefined) {
      this.#asked('onConnection', ticket, undefined, outcome => this.#answers.connection(ticket, outcome))
      return
    }
    client.answered = true
    const name = this.#hooks.connectHandlers === undefined ? 'onConnection' : 'connectHandlers'
    const answer = (outcome: Outcome) => this.#answers.connection(ticket, outcome)
    this.#engine.stage.play(name, script, undefined, [client.view], true, answer)
  }

  /** What answers for a new client: handlers, which stand in place of onConnection, or that hook. */
  #connectScript(client: ClientState | undefined): Script | undefined {
    if (client === undefined) return undefined
    const { connectHandlers } = this.#hooks
    if (connectHandlers !== undefined) return () => claim(connectHandlers, this.#connectValues(client))
    const hook = this.#hooks.get('onConnection')
    return hook && this.#onConnection(client, hook)
  }

  /** The hook with what followed connect()'s command object, reading which may run the script's code too. */
  #onConnection(client: ClientState, hook: Script): Script {
    return () => reflectApply(hook as (...values: unknown[]) => unknown, undefined, this.#connectValues(client))
  }

  /** What cannot be read is left out, and the log says why. */
  #connectValues(client: ClientState): unknown[] {
    try {
      return prepend(client.view, decode(client.facts.args))
    } catch (error) {
      const fault = faultOf(error)
      this.#engine.outbox.log('warn', `the values of connect() cannot be read: ${fault.text}`, fault)
      return [client.view]
    }
  }

  #publish({ ticket, client, publication }: HookEvent & { e: 'onPublish' }): void {
    const publisher = this.#mirrors.client(client)
    const wanted = this.#mirrors.publication(publication)
    const granted = publisher && wanted && this.grants.asked(publisher, wanted)
    this.#asked('onPublish', ticket, pair(publisher, wanted), outcome => {
      this.#answers.verdict(ticket, 'onPublish', outcome)
      if (outcome.how === 'value' && outcome.value !== false) granted?.()
    })
  }

  #conflict({ ticket, ...event }: HookEvent & { e: 'onPublishConflict' }): void {
    const client = this.#mirrors.client(event.client)
    const current = this.#mirrors.publication(event.current)
    const wanted = this.#mirrors.publication(event.publication) ?? current
    const values = client && wanted && [client.view, wanted.view, (current ?? wanted).view]
    this.#asked('onPublishConflict', ticket, values, outcome => {
      if (outcome.how === 'value' && outcome.value === 'replace') this.#answers.accept(ticket)
      else if (outcome.how === 'value' && outcome.value === undefined) this.#answers.noHook(ticket)
      else this.#answers.refuse(ticket, 'onPublishConflict', outcome)
    })
  }

  #unpublish(event: HookEvent & { e: 'onUnpublish' }): void {
    this.grants.over(event.publication)
    const publication = this.#mirrors.publication(event.publication)
    if (publication !== undefined) this.#aboutClient('onUnpublish', event.client, publication.view)
  }

  #subscribe({ ticket, client, listener }: HookEvent & { e: 'onSubscribe' }): void {
    const values = pair(this.#mirrors.client(client), this.#mirrors.listener(listener))
    this.#judged('onSubscribe', ticket, values)
  }

  #packet(facts: PacketFacts): void {
    const publication = this.#mirrors.publication(facts.publication)
    if (publication === undefined) return
    const second = facts.kind === 'data' ? facts.name : facts.time
    this.#aboutClient(packetHooks[facts.kind], facts.client, publication.view, second, facts.packet)
  }

  #aboutClient(name: HookName, id: string, ...values: unknown[]): void {
    const client = this.#mirrors.client(id)
    if (client !== undefined) this.#told(name, prepend(client.view, values))
  }

  /** A hook nobody waits for. */
  #told(name: HookName, values: unknown[]): void {
    const hook = this.#hooks.get(name)
    if (hook !== undefined) this.#engine.stage.tell(name, hook, undefined, values)
  }

  /** A hook whose answer is yes unless it says no. */
  #judged(name: HookName, ticket: number, values: unknown[] | undefined): void {
    this.#asked(name, ticket, values, outcome => this.#answers.verdict(ticket, name, outcome))
  }

  /** onStart, onStop, onRoomCreate: whoever reads the log wants to see where they failed. */
  #life(name: 'onStart' | 'onStop' | 'onRoomCreate', ticket: number, values: unknown[] | undefined): void {
    this.#asked(name, ticket, values, outcome => {
      if (outcome.how === 'thrown') this.#engine.fault(name, outcome.error)
      if (outcome.how === 'value') this.#answers.accept(ticket)
      else this.#answers.refuse(ticket, name, outcome)
    })
  }

  /** Somebody waits for the answer. Without `values` whom it is about has gone: nothing is allowed to nobody. */
  #asked(name: HookName, ticket: number, values: unknown[] | undefined, done: (outcome: Outcome) => void): void {
    const hook = this.#hooks.get(name)
    if (hook === undefined) this.#answers.noHook(ticket)
    else if (values === undefined) done({ how: 'limit', text: `${name}: whom it is about has gone` })
    else this.#engine.stage.play(name, hook, undefined, values, true, done)
  }
}

function listOf(view: object | undefined): unknown[] | undefined {
  return view && [view]
}

function pair(first: { view: object } | undefined, second: { view: object } | undefined): unknown[] | undefined {
  return first && second && [first.view, second.view]
}
