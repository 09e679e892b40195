import { readName } from '../../hub/address.ts'
import type { Verdict } from '../../hub/judge.ts'
import type { Listener, ListenerSink } from '../../hub/listener.ts'
import type { WireForm } from '../../hub/outlet.ts'
import type { PlayOutcome } from '../../hub/playing.ts'
import type { Track } from '../../hub/tracks.ts'
import { readingOf } from '../../media/announced.ts'
import type { FrameKind } from '../../media/frame.ts'
import { UserEvent, userControl } from '../rtmp/control.ts'
import { CodecOffer } from './codec-offer.ts'
import { encodeData } from './command.ts'
import type { PlayRequest } from './play-request.ts'
import { Reel } from './reel.ts'
import { playStatus, streamStatus } from './status.ts'
import { loggable, type StreamContext, type StreamOwner } from './stream-context.ts'

/** What a player wants to hear of, kept by its stream because it may say so before it plays. */
export interface Wishes {
  audio: boolean
  video: boolean
}

type State =
  /** Null until the hub has made it. */
  | { name: 'awaiting-verdict'; listener: Listener | null }
  | { name: 'playing'; listener: Listener }
  /** Its file is looked for, or shown. */
  | { name: 'showing'; listener: Listener; reel: Reel }
  | { name: 'ended' }

/** One play() of a client: from the question whether it may, to its end. */
export class Play implements ListenerSink {
  readonly form: WireForm
  readonly #request: PlayRequest
  readonly #context: StreamContext
  readonly #owner: StreamOwner
  readonly #wishes: Wishes
  readonly #offer: CodecOffer
  #state: State = { name: 'awaiting-verdict', listener: null }
  #paused = false
  /** Somebody publishes the name. */
  #live = false
  /** The player's buffer in ms; 0 when it did not say. */
  #buffer: number
  /** Questions whether it may pause: only the newest counts. */
  #pauses = 0

  /** `buffer`: the player's, in ms; 0 when it did not say. */
  constructor(context: StreamContext, owner: StreamOwner, request: PlayRequest, wishes: Wishes, buffer: number) {
    const announced = context.client.facts.enhanced
    const reading = asksForAll(request.given) ? { multitrack: true, modEx: true } : readingOf(announced)
    this.form = context.channel.form(owner.id, reading)
    this.#offer = new CodecOffer(announced, reading, request.given)
    this.#request = request
    this.#buffer = buffer
    this.#context = context
    this.#owner = owner
    this.#wishes = wishes
  }

  /** The name as the client gave it. */
  get given(): string {
    return this.#request.given
  }

  /** Milliseconds of the file's time, or null when it shows none. */
  get position(): number | null {
    return this.#state.name === 'showing' ? this.#state.reel.position : null
  }

  /** It plays what somebody publishes, or waits for it. */
  get isLive(): boolean {
    return this.#state.name === 'playing'
  }

  start(): void {
    const { hub, client, safely } = this.#context
    const listener = hub.playing.play(client, this.given, this, outcome => safely(() => this.#decided(outcome)))
    // The answer may have come already.
    if (this.#state.name === 'awaiting-verdict') this.#state.listener = listener
  }

  get queuedBytes(): number {
    return this.#context.channel.queuedBytes
  }

  write(bytes: Buffer): void {
    this.#context.channel.sendEncoded(bytes)
  }

  passed(messages: number): void {
    this.#context.channel.counted(messages)
  }

  offered(kind: FrameKind, tracks: readonly Track[]): boolean {
    const { send, status } = this.#offer.offer(kind, tracks)
    if (status) {
      this.#owner.status(status)
      const told = { name: loggable(this.given), codecs: tracks.map(({ codec }) => codec).join() }
      if (send) this.#context.log.debug(told, 'sent to a player that announced no codecs')
      else this.#context.log.info(told, 'not sent: the player did not announce the codec')
    }
    return send
  }

  published(): void {
    this.#live = true
    if (this.#state.name === 'showing') return
    this.#event(UserEvent.StreamBegin)
    this.#owner.status(playStatus.published(this.given))
  }

  unpublished(): void {
    this.#live = false
    if (this.#state.name === 'showing') return
    this.#owner.status(playStatus.unpublished(this.given))
    this.#event(UserEvent.StreamEof)
  }

  closed(code: string, description: string): void {
    const { name } = this.#leave()
    if (name === 'ended') return
    const isPlain = code === 'Play.Stop' && description === ''
    this.#owner.status(isPlain ? playStatus.stop(this.given) : streamStatus(code, description))
    this.#owner.over()
  }

  /** What passes while it is paused is not sent. */
  pause(paused: boolean): void {
    this.#paused = paused
    if (this.#state.name === 'playing' || this.#state.name === 'showing') this.#askPause(this.#state.listener, paused)
  }

  #askPause(listener: Listener, paused: boolean): void {
    const { hub, client, safely } = this.#context
    const asked = ++this.#pauses
    const answered = (verdict: Verdict): void => {
      const state = this.#state
      if ((state.name !== 'playing' && state.name !== 'showing') || asked !== this.#pauses) return
      if (verdict.ok && state.name === 'showing') state.reel.pause(paused)
      else if (verdict.ok) this.#tellPaused(listener, paused)
      else this.#owner.status(playStatus.pauseRefused(this.given, verdict.text))
    }
    hub.permit(client, { what: 'pause', listener, paused }, verdict => safely(() => answered(verdict)))
  }

  /**
   * There is nothing to seek in what is live. FFmpeg's players throw everything away until they hear Seek.Notify, so
   * they hear it, and get the present group of pictures again.
   */
  seek(ms: number): void {
    if (this.#state.name !== 'playing' && this.#state.name !== 'showing') return
    const { listener } = this.#state
    const { hub, client, safely } = this.#context
    const request = { what: 'seek', listener, ms } as const
    hub.permit(client, request, verdict => safely(() => this.#sought(listener, ms, verdict)))
  }

  #sought(listener: Listener, ms: number, verdict: Verdict): void {
    const state = this.#state
    if (state.name !== 'playing' && state.name !== 'showing') return
    if (!verdict.ok) {
      this.#owner.status(playStatus.seekRefused(this.given, verdict.text))
      return
    }
    if (state.name === 'showing') return state.reel.seek(ms)
    this.#event(UserEvent.StreamBegin)
    this.#owner.status(playStatus.sought(this.given))
    if (!listener.paused) listener.publication.reenter(listener)
  }

  /** The player's buffer has another length. */
  buffer(ms: number): void {
    this.#buffer = ms
    if (this.#state.name === 'showing') this.#state.reel.buffer(ms)
  }

  /** The wishes have changed. */
  wish(): void {
    if (this.#state.name === 'playing' || this.#state.name === 'showing') {
      this.#state.listener.wish(this.#wishes.audio, this.#wishes.video)
    }
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

  #decided(outcome: PlayOutcome): void {
    if (this.#state.name !== 'awaiting-verdict') {
      if (outcome.ok) this.#context.hub.playing.stop(outcome.listener)
      return
    }
    if (!outcome.ok) {
      this.#leave()
      this.#context.log.info({ name: loggable(this.given) }, `playing refused: ${outcome.text}`)
      this.#owner.status(playStatus.refused(outcome.text))
      this.#owner.over()
      return
    }
    const { listener, live } = outcome
    const { from } = this.#request
    this.#live = live
    if (from === 'live' || (from === 'any' && live)) return this.#playLive(listener)
    this.#show(listener)
  }

  /** Looks for the file; what is not recorded is played live, or waited for. */
  #show(listener: Listener): void {
    const { app, address } = listener.publication
    const { format, start, length, from } = this.#request
    const reel = new Reel(this.#context, this.#owner, this.given, listener, this, () => this.#owner.played())
    // Frames of what is live are not for it, as long as that is not known.
    listener.elsewhere = true
    this.#state = { name: 'showing', listener, reel }
    this.wish()
    const request = { app, address: address.address, format, start, length, buffer: this.#buffer }
    reel.open(request, refusal => {
      if (refusal === null) {
        this.#context.log.debug({ publication: address.address }, 'playing a file')
        reel.start(this.#request.reset)
        if (this.#paused) this.#askPause(listener, true)
        return
      }
      if (refusal === false && (from === 'any' || this.#live)) {
        this.#playLive(listener)
        return this.#context.hub.playing.tuneIn(listener)
      }
      this.end()
      const why = refusal === false ? playStatus.notFound(this.given) : playStatus.damaged(refusal)
      this.#owner.status(why)
      this.#owner.over()
    })
  }

  #playLive(listener: Listener): void {
    const live = this.#live
    this.#state = { name: 'playing', listener }
    this.wish()
    this.#context.log.debug({ publication: listener.address.address, live }, 'playing')
    this.#event(UserEvent.StreamBegin)
    if (this.#request.reset) this.#owner.status(playStatus.reset(this.given))
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
    if (state.name === 'showing') state.reel.close()
    if (state.name === 'playing' || state.name === 'showing') {
      this.#context.log.debug({ publication: state.listener.address.address }, 'played')
    }
    this.#state = { name: 'ended' }
    return state
  }
}

/** `cam?tracks=all`: for players that can read several tracks and do not say so when they connect, as FFmpeg 8. */
function asksForAll(given: string): boolean {
  return readName(given)?.query.tracks === 'all'
}
