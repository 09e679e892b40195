import { readName } from '../../hub/address.ts'
import type { RecordWish } from '../../hub/archive.ts'
import type { Client } from '../../hub/client.ts'
import type { Publication, Publisher } from '../../hub/publication.ts'
import type { PublishOutcome } from '../../hub/publishing.ts'
import type { Message } from '../rtmp/message.ts'
import { type RefusedData, takeMedia } from './incoming.ts'
import { publishStatus, recordStatus, streamStatus } from './status.ts'
import { loggable, type StreamContext, type StreamOwner } from './stream-context.ts'

/** What publish() was given as its type; what else it may have been is live. */
export type PublishType = 'live' | RecordWish['mode']

type State =
  /** Frames that come meanwhile wait for the verdict. */
  { name: 'awaiting-verdict'; frames: Message[] } | { name: 'live'; publication: Publication } | { name: 'ended' }

/** One publish() of a client: from the question whether it may, to its end. */
export class Publish implements Publisher {
  readonly client: Client
  readonly #context: StreamContext
  readonly #owner: StreamOwner
  /** The name as the client gave it. */
  readonly #given: string
  readonly #type: PublishType
  #state: State = { name: 'awaiting-verdict', frames: [] }
  #dataRefused = false

  constructor(context: StreamContext, owner: StreamOwner, given: string, type: PublishType) {
    this.client = context.client
    this.#context = context
    this.#owner = owner
    this.#given = given
    this.#type = type
  }

  get id(): string {
    return this.client.id
  }

  get given(): string {
    return this.#given
  }

  start(): void {
    const { hub, safely } = this.#context
    hub.publishing.publish(this.client, this.#given, this, outcome => safely(() => this.#decided(outcome)))
  }

  /** Audio, video or data. */
  receive(message: Message): void {
    const state = this.#state
    switch (state.name) {
      case 'awaiting-verdict':
        this.#context.ahead.take(message)
        state.frames.push(message)
        return
      case 'live':
        this.#passOn(message, state.publication)
        return
      case 'ended':
        return
      default:
        state satisfies never
    }
  }

  /** The client ends it, whatever it had come to. */
  end(): void {
    const { hub } = this.#context
    const state = this.#leave()
    if (state.name === 'ended') return
    if (state.name === 'live') hub.publishing.unpublish(state.publication, this)
    else hub.publishing.withdraw(this.client, this)
  }

  /** The connection is gone, and the hub hears of it as a whole: nothing is sent any more. */
  gone(failure: string | null): void {
    this.#leave(failure)
  }

  closed(code: string, description: string): void {
    if (this.#leave().name === 'ended') return
    this.#context.safely(() => {
      const isPlain = code === 'Unpublish.Success' && description === ''
      this.#owner.status(isPlain ? publishStatus.ended(this.#given) : streamStatus(code, description))
      this.#owner.over()
    })
  }

  #decided(outcome: PublishOutcome): void {
    const state = this.#state
    if (state.name !== 'awaiting-verdict') {
      // It was given up before the name could be taken back.
      if (outcome.ok) this.#context.hub.publishing.unpublish(outcome.publication, this)
      return
    }
    if (!outcome.ok) {
      this.#leave()
      this.#context.log.info({ name: loggable(this.#given) }, `publishing refused: ${outcome.text}`)
      this.#owner.status(publishStatus.refused(outcome.code, outcome.text))
      this.#owner.over()
      return
    }
    const { publication } = outcome
    this.#context.ahead.give(state.frames)
    this.#state = { name: 'live', publication }
    this.#context.log.info({ publication: publication.address.address }, 'published')
    this.#owner.status(publishStatus.start(this.#given))
    if (this.#type !== 'live') this.#record(publication, this.#type)
    for (const frame of state.frames) this.receive(frame)
  }

  #record(publication: Publication, mode: RecordWish['mode']): void {
    const { hub, safely } = this.#context
    const format = readName(this.#given)?.format === 'mp4' ? 'mp4' : 'flv'
    const wish: RecordWish = { format, mode, segment: 0, path: '', by: 'client' }
    hub.archive.record(publication, wish, (news, text) => {
      safely(() => this.#owner.status(recordStatus.news(news, text)))
    })
  }

  /** Ends this side of it, and gives what it was. */
  #leave(failure: string | null = null): State {
    const state = this.#state
    if (state.name === 'awaiting-verdict') this.#context.ahead.give(state.frames)
    else if (state.name === 'live') {
      const publication = state.publication.address.address
      this.#context.log.info(failure === null ? { publication } : { publication, failure }, 'unpublished')
    }
    this.#state = { name: 'ended' }
    return state
  }

  #passOn(message: Message, publication: Publication): void {
    const refused = takeMedia(message, publication)
    if (refused) this.#refuseData(refused)
  }

  /** Told once: who sends one such message sends many. */
  #refuseData({ code, reason }: RefusedData): void {
    if (this.#dataRefused) return
    this.#dataRefused = true
    this.#context.log.warn({ name: loggable(this.#given), code }, `data not relayed: ${reason}`)
  }
}
