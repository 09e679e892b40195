import type { Config } from '../config/config.ts'
import type { Client } from '../hub/client.ts'
import type { PublicationFacts } from '../hub/facts.ts'
import type {
  CallResult,
  ConnectVerdict,
  HandshakeVerdict,
  Judge,
  Place,
  StreamRequest,
  Verdict,
  Witness,
} from '../hub/judge.ts'
import type { Listener } from '../hub/listener.ts'
import type { Publication } from '../hub/publication.ts'
import type { App } from './app.ts'
import type { StopReason } from './app-world.ts'
import type { Asked, Bubbling } from './bubbling.ts'
import type { Catalog } from './catalog.ts'
import type { Doorman } from './doorman.ts'
import type { Fields } from './fields.ts'
import type { Groups } from './groups.ts'
import type { Step } from './inquiry.ts'
import type { Instances } from './instances.ts'
import type { Members } from './members.ts'
import { codecsEvent, metadataEvent } from './mirror.ts'
import type { PacketTaps } from './packet-taps.ts'
import type { Rooms } from './rooms.ts'
import { hookOf, permitEvent } from './stream-requests.ts'
import { brief, connectVerdictOf, resultOf, verdictOf } from './verdicts.ts'
import type { AppEvent, HookEvent, MirrorEvent } from './wire.ts'

export interface RouterOptions {
  readonly catalog: Catalog
  readonly bubbling: Bubbling
  readonly members: Members
  readonly rooms: Rooms
  readonly groups: Groups
  readonly doorman: Doorman
  readonly fields: Fields
  readonly taps: PacketTaps
  readonly instances: Instances
  readonly config: Pick<Config, 'app'>
  /** The client has been answered: what its applications wrote to it meanwhile may go, or is dropped when it was refused. */
  release(client: Client): void
  /** Somebody publishes it from now on, or nobody does any more. */
  moved(publication: Publication): void
}

/**
 * Between the hub and the applications: which application a client's path means, who of its chain (itself and its
 * ancestors) is asked, and who is told. It holds no opinion of its own: without a script everything is allowed.
 */
export class AppRouter implements Judge, Witness {
  readonly #options: RouterOptions

  constructor(options: RouterOptions) {
    this.#options = options
  }

  // ------------------------------------------------------------------------------------------------ the judge

  locate(path: string): Place {
    return this.#options.catalog.locate(path)
  }

  handshake(client: Client, answer: (verdict: HandshakeVerdict) => void): void {
    const full = this.#options.instances.admit(client.app)
    if (full === null) this.#options.doorman.handshake(client, answer)
    else answer({ ok: false, text: full })
  }

  connect(client: Client, answer: (verdict: ConnectVerdict) => void): void {
    const decided = (verdict: ConnectVerdict): void => {
      answer(verdict)
      this.#options.release(client)
    }
    this.#ask(client, 'onConnection', ticket => ({ e: 'onConnection', ticket, client: client.id }), {
      stale: () => client.state !== 'asking',
      settle: outcome => {
        const member = this.#options.members.get(client.id)
        if (member && outcome.how === 'answered') member.answeredBy = outcome.app.path
        const verdict = connectVerdictOf(outcome, client)
        if (!verdict.ok || client.state !== 'asking') return decided(verdict)
        this.#options.rooms.enter(client, entered => {
          decided(entered.ok ? verdict : entered)
        })
      },
    })
  }

  publish(client: Client, publication: Publication, answer: (verdict: Verdict) => void): void {
    const { key } = publication
    this.#ask(client, 'onPublish', ticket => ({ e: 'onPublish', ticket, client: client.id, publication: key }), {
      stale: () => publication.publisher?.client !== client,
      settle: outcome => answer(verdictOf(outcome)),
    })
  }

  conflict(client: Client, publication: Publication, answer: (replace: boolean | undefined) => void): void {
    const { key } = publication
    const event = (ticket: number): HookEvent => {
      return { e: 'onPublishConflict', ticket, client: client.id, publication: key, current: key }
    }
    this.#ask(client, 'onPublishConflict', event, {
      stale: () => client.state !== 'joined',
      settle: outcome => answer(outcome.how === 'answered' ? verdictOf(outcome).ok : undefined),
    })
  }

  subscribe(client: Client, listener: Listener, answer: (verdict: Verdict) => void): void {
    const { id } = listener
    this.#ask(client, 'onSubscribe', ticket => ({ e: 'onSubscribe', ticket, client: client.id, listener: id }), {
      stale: () => listener.state !== 'asking',
      settle: outcome => answer(verdictOf(outcome)),
    })
  }

  permit(client: Client, request: StreamRequest, answer: (verdict: Verdict) => void): void {
    const listener = request.what === 'createStream' ? null : request.listener
    this.#ask(client, hookOf[request.what], ticket => permitEvent(client.id, ticket, request), {
      passesBroken: true,
      stale: () => client.state !== 'joined' || listener?.state === 'gone',
      settle: outcome => answer(verdictOf(outcome)),
    })
  }

  call(client: Client, name: string, args: Uint8Array, silent: boolean, answer: (result: CallResult) => void): void {
    const chain = this.#options.bubbling.chain(client.app)
    const step = (app: App, scope: 'functions' | 'onCall' | 'all'): Step => ({
      app,
      hook: scope === 'onCall' ? 'onCall' : null,
      event: ticket => ({ e: 'call', ticket, client: client.id, name, args, scope, silent }),
    })
    const steps =
      chain.length === 1
        ? [step(chain[0]!, 'all')]
        : [...chain.map(app => step(app, 'functions')), ...chain.map(app => step(app, 'onCall'))]
    let isAnswered = false
    const once = (result: CallResult): void => {
      if (!isAnswered) answer(result)
      isAnswered = true
    }
    this.#options.bubbling.inquire(client.app, steps, `call ${brief(name)}`, {
      weight: { bytes: args.length, calls: this.#options.config.app(client.app).pendingCalls },
      stale: () => client.state !== 'joined',
      early: value => once({ how: 'value', value }),
      settle: outcome => once(resultOf(outcome, `Method '${brief(name)}' not found`)),
    })
  }

  // ---------------------------------------------------------------------------------------------- the witness

  clientKnown(client: Client): void {
    // Those that are up hear of it; those that come up because of it find it in what they are told first.
    this.#tell(client.app, { e: 'client', facts: client.facts })
    this.#options.members.add(client)
    for (const app of this.#options.bubbling.chain(client.app)) app.reach()
  }

  clientJoined(client: Client): void {
    this.#tell(client.app, { e: 'joined', client: client.id })
    this.#call(client.app, 'onConnectionAccepted', { e: 'onConnectionAccepted', client: client.id })
  }

  clientRejected(client: Client, text: string): void {
    this.#call(client.app, 'onConnectionRejected', { e: 'onConnectionRejected', client: client.id, text })
    this.#forget(client)
  }

  clientFailed({ app, id }: Client, failure: string): void {
    this.#call(app, 'onFailed', { e: 'onFailed', client: id, error: failure })
  }

  clientLeft(client: Client): void {
    const { app, id } = client
    this.#options.groups.left(client)
    const { ping, bytesIn, bytesOut, silence, messagesIn, messagesOut } = client.peer.figures()
    this.#tell(app, { e: 'left', client: id, figures: [ping, bytesIn, bytesOut, silence, messagesIn, messagesOut] })
    this.#options.rooms.left(client)
    this.#call(app, 'onDisconnection', { e: 'onDisconnection', client: id })
    this.#forget(client)
  }

  publicationChanged(publication: Publication): void {
    this.#options.rooms.published(publication)
    this.#tell(publication.app, { e: 'publication', facts: publication.facts() })
    this.#options.moved(publication)
  }

  publicationRemoved(publication: Publication): void {
    this.#tell(publication.app, { e: 'unpublication', publication: publication.key })
    this.#options.fields.forget('publication', publication.key)
    this.#options.rooms.unpublished(publication)
  }

  published(_client: Client, publication: Publication): void {
    this.#options.taps.attach(publication)
    this.#options.moved(publication)
  }

  unpublished(client: Client, publication: Publication, generation: number): void {
    publication.tap = null
    const event: HookEvent = { e: 'onUnpublish', client: client.id, publication: publication.key, generation }
    this.#call(publication.app, 'onUnpublish', event)
  }

  listenerKnown(listener: Listener): void {
    this.#tell(listener.client.app, { e: 'listener', facts: listener.facts() })
  }

  listenerJoined({ id, client }: Listener): void {
    this.#tell(client.app, { e: 'listening', listener: id })
  }

  listenerLeft({ id, client }: Listener, joined: boolean): void {
    // It is still counted while onUnsubscribe runs.
    if (joined) this.#call(client.app, 'onUnsubscribe', { e: 'onUnsubscribe', client: client.id, listener: id })
    this.#tell(client.app, { e: 'unlistener', listener: id })
  }

  metadataChanged(publication: Publication): void {
    const event = metadataEvent(publication)
    if (event) this.#tell(publication.app, event)
  }

  codecsChanged(publication: Publication): void {
    this.#tell(publication.app, codecsEvent(publication))
  }

  recorded(facts: PublicationFacts, file: string): void {
    this.#call(facts.app, 'onRecorded', { e: 'onRecorded', facts, file })
  }

  // ------------------------------------------------------------------------------- the life of an application

  /**
   * Asks onStart of the application that has just been raised, or of its nearest ancestor that defines it, once these
   * have started themselves. The text says what went wrong in it.
   */
  starting(app: App, reason: 'start' | 'crash', done: (text: string | null) => void): void {
    const [parent] = this.#options.bubbling.ancestors(app)
    parent?.reach()
    const ask = (): void => {
      const event = (ticket: number): AppEvent => ({ e: 'onStart', ticket, path: app.path, reason })
      this.#options.bubbling.askLife(app, 'onStart', event, outcome => {
        const verdict = verdictOf(outcome)
        const own = app.hooks.has('onStart')
        done(verdict.ok || (!own && outcome.how === 'failed') ? null : verdict.text || 'onStart failed')
      })
    }
    if (parent?.standing !== 'starting' || !parent.wait(ask)) ask()
  }

  stopping(app: App, reason: StopReason, done: () => void): void {
    const event = (ticket: number): AppEvent => ({ e: 'onStop', ticket, path: app.path, reason })
    this.#options.bubbling.askLife(app, 'onStop', event, done, reason !== 'deleted')
  }

  // -------------------------------------------------------------------------------------------------- helpers

  #ask(client: Client, hook: string, event: (ticket: number) => AppEvent, asked: Asked): void {
    this.#options.bubbling.ask(client.app, hook, event, asked)
  }

  #tell(path: string, event: MirrorEvent): void {
    this.#options.bubbling.tell(path, event)
  }

  #call(path: string, hook: string, event: HookEvent): void {
    this.#options.bubbling.call(path, hook, event)
  }

  #forget(client: Client): void {
    this.#options.groups.left(client)
    this.#options.rooms.release(client)
    this.#tell(client.app, { e: 'forget', client: client.id })
    this.#options.members.remove(client)
    this.#options.instances.left(client.app)
    this.#options.fields.forget('client', client.id)
    this.#options.release(client)
  }
}
