import type { Verdict } from '../../hub/judge.ts'
import type { Listener, ListenerSink } from '../../hub/listener.ts'
import type { WireForm } from '../../hub/outlet.ts'
import type { PlayOutcome } from '../../hub/playing.ts'
import { UserEvent, userControl } from '../rtmp/control.ts'
import { encodeData } from './command.ts'
import { playStatus, streamStatus } from './status.ts'
import { loggable, type StreamContext, type StreamOwner } from './stream-context.ts'

/** What a player wants to hear of, kept by its stream because it may say so before it plays. */
export interface Wishes {
  audio: boolean
  video: boolean
}

type State =
  /** Null until the hub has made it. */
  { name: 'awaiting-verdict'; listener: Listener | null } | { name: 'playing'; listener: Listener } | { name: 'ended' }

/** One play() of a client: from the question whether it may, to its end. */
export class Play implements ListenerSink {
  readonly form: WireForm
  /** The name as the client gave it. */
  readonly given: string
  readonly #context: StreamContext
  readonly #owner: StreamOwner
  readonly #wishes: Wishes
  #state: State = { name: 'awaiting-verdict', listener: null }
  #paused = false
  /** Questions whether it may pause: only the newest counts. */
  #pauses = 0

  constructor(context: StreamContext, owner: StreamOwner, given: string, wishes: Wishes) {
    this.form = context.channel.form(owner.id)
    this.given = given
    this.#context = context
    this.#owner = owner
    this.#wishes = wishes
  }

  /** `reset`: what the stream played before is to be forgotten, which the player hears in a status. */
  start(reset: boolean): void {
    const { hub, client, safely } = this.#context
    const listener = hub.playing.play(client, this.given, this, outcome => safely(() => this.#decided(outcome, reset)))
    // The answer may have come already.
    if (this.#state.name === 'awaiting-verdict') this.#state.listener = listener
  }

  get queuedBytes(): number {
    return this.#context.channel.queuedBytes
  }

  write(bytes: Buffer): void {
    this.#context.channel.sendEncoded(bytes)
  }

  published(): void {
    this.#event(UserEvent.StreamBegin)
    this.#owner.status(playStatus.published(this.given))
  }

  unpublished(): void {
    this.#owner.status(playStatus.unpublished(this.given))
    this.#event(UserEvent.StreamEof)
  }

  closed(code: string, description: string): void {
    if (this.#leave().name === 'ended') return
    const isPlain = code === 'Play.Stop' && description === ''
    this.#owner.status(isPlain ? playStatus.stop(this.given) : streamStatus(code, description))
    this.#owner.over()
  }

  /** What passes while it is paused is not sent. */
  pause(paused: boolean): void {
    this.#paused = paused
    if (this.#state.name === 'playing') this.#askPause(this.#state.listener, paused)
  }

  #askPause(listener: Listener, paused: boolean): void {
    const { hub, client, safely } = this.#context
    const asked = ++this.#pauses
    const answered = (verdict: Verdict): void => {
      if (this.#state.name !== 'playing' || asked !== this.#pauses) return
      if (verdict.ok) this.#tellPaused(listener, paused)
      else this.#owner.status(playStatus.pauseRefused(this.given, verdict.text))
    }
    hub.permit(client, { what: 'pause', listener, paused }, verdict => safely(() => answered(verdict)))
  }

  /**
   * There is nothing to seek in what is live. FFmpeg's players throw everything away until they hear Seek.Notify, so
   * they hear it, and get the present group of pictures again.
   */
  seek(ms: number): void {
    if (this.#state.name !== 'playing') return
    const { listener } = this.#state
    const { hub, client, safely } = this.#context
    const request = { what: 'seek', listener, ms } as const
    hub.permit(client, request, verdict => safely(() => this.#sought(listener, verdict)))
  }

  #sought(listener: Listener, verdict: Verdict): void {
    if (this.#state.name !== 'playing') return
    if (!verdict.ok) {
      this.#owner.status(playStatus.seekRefused(this.given, verdict.text))
      return
    }
    this.#event(UserEvent.StreamBegin)
    this.#owner.status(playStatus.sought(this.given))
    if (!listener.paused) listener.publication.reenter(listener)
  }

  /** The wishes have changed. */
  wish(): void {
    if (this.#state.name === 'playing') this.#state.listener.wish(this.#wishes.audio, this.#wishes.video)
  }

  /** The client ends it. */
  end(): void {
    const state = this.#leave()
    if (state.name !== 'ended' && state.listener) this.#context.hub.playing.stop(state.listener)
  }

  /** The connection is gone, and the hub hears of it as a whole: nothing is sent any more. */
  gone(): void {
    this.#leave()
  }

  #decided(outcome: PlayOutcome, reset: boolean): void {
    if (this.#state.name !== 'awaiting-verdict') {
      if (outcome.ok) this.#context.hub.playing.stop(outcome.listener)
      return
    }
    if (!outcome.ok) {
      this.#leave()
      this.#context.log.info({ name: loggable(this.given), text: outcome.text }, 'playing refused')
      this.#owner.status(playStatus.refused(outcome.text))
      this.#owner.over()
      return
    }
    const { listener, live } = outcome
    this.#state = { name: 'playing', listener }
    this.wish()
    this.#context.log.debug({ publication: listener.address.address, live }, 'playing')
    this.#event(UserEvent.StreamBegin)
    if (reset) this.#owner.status(playStatus.reset(this.given))
    this.#owner.status(playStatus.start(this.given))
    const { audioSampleAccess, videoSampleAccess } = listener
    // Whether the player's program may look at the samples; without it Flash assumes nothing and warns.
    this.#context.channel.send(encodeData(this.#owner.id, ['|RtmpSampleAccess', audioSampleAccess, videoSampleAccess]))
    if (live) this.#owner.status(playStatus.published(this.given))
    // Asked for while the verdict was out.
    if (this.#paused) this.#askPause(listener, true)
  }

  #tellPaused(listener: Listener, paused: boolean): void {
    if (paused) listener.publication.pause(listener, true)
    this.#event(paused ? UserEvent.StreamEof : UserEvent.StreamBegin)
    this.#owner.status(paused ? playStatus.paused(this.given) : playStatus.unpaused(this.given))
    if (!paused) listener.publication.pause(listener, false)
  }

  #event(event: UserEvent): void {
    this.#context.channel.send(userControl(event, this.#owner.id))
  }

  /** Ends this side of it, and gives what it was. */
  #leave(): State {
    const state = this.#state
    if (state.name === 'playing') {
      this.#context.log.debug({ publication: state.listener.address.address }, 'played')
    }
    this.#state = { name: 'ended' }
    return state
  }
}
