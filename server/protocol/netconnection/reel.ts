import type { Screen, Show, ShowEnd, ShowRequest } from '../../hub/archive.ts'
import type { Listener, ListenerSink } from '../../hub/listener.ts'
import type { FormEncoder } from '../../hub/outlet.ts'
import { Tracks } from '../../hub/tracks.ts'
import { describeTag } from '../../media/flv-tag.ts'
import { type Frame, FrameKind } from '../../media/frame.ts'
import { UserEvent, userControl } from '../rtmp/control.ts'
import { encodeData } from './command.ts'
import { playStatus } from './status.ts'
import type { StreamContext, StreamOwner } from './stream-context.ts'

/** A file that a player's stream shows: what its player hears of it, in the words Adobe's server used. */
export class Reel implements Screen {
  readonly #context: StreamContext
  readonly #owner: StreamOwner
  readonly #given: string
  readonly #listener: Listener
  readonly #encoder: FormEncoder
  readonly #over: () => void
  readonly #sink: Pick<ListenerSink, 'form' | 'offered'>
  readonly #tracks = new Tracks()
  /** Kinds whose codecs its player cannot take. */
  readonly #withheld = new Set<FrameKind>()
  #show: Show | null = null
  #paused = false
  #closed = false

  /** `over`: it was shown to its end. */
  constructor(
    context: StreamContext,
    owner: StreamOwner,
    given: string,
    listener: Listener,
    sink: Pick<ListenerSink, 'form' | 'offered'>,
    over: () => void,
  ) {
    this.#context = context
    this.#owner = owner
    this.#given = given
    this.#listener = listener
    this.#sink = sink
    this.#encoder = sink.form.encoder(new Map())
    this.#over = over
  }

  /** Milliseconds of the file's time of what was sent last. */
  get position(): number {
    return this.#show?.position ?? 0
  }

  /** Answered once, and not after close(): null when it is there, `false` when there is no such file, else why not. */
  open(request: ShowRequest, answer: (refusal: string | false | null) => void): void {
    const { hub, safely } = this.#context
    hub.archive.show(request, this, show => {
      safely(() => {
        if (this.#closed) {
          if (typeof show === 'object') show?.close()
          return
        }
        if (typeof show === 'object') this.#show = show
        answer(show === null ? false : typeof show === 'string' ? show : null)
      })
    })
  }

  start(reset: boolean): void {
    this.#event(UserEvent.StreamIsRecorded)
    this.#event(UserEvent.StreamBegin)
    if (reset) this.#owner.status(playStatus.reset(this.#given))
    this.#owner.status(playStatus.start(this.#given))
    this.#data('|RtmpSampleAccess', false, false)
    this.#show?.start()
    if (this.#paused) this.#show?.pause(true)
  }

  get queuedBytes(): number {
    return this.#context.channel.queuedBytes
  }

  frame(whole: Frame): void {
    const { receiveAudio, receiveVideo, audioQos, videoQos } = this.#listener
    const { form } = this.#sink
    const { kind } = whole
    this.#offer(whole)
    const frame = form.fit ? form.fit(whole) : whole
    if (!frame || this.#withheld.has(kind)) return
    if (kind === FrameKind.Audio) {
      if (!receiveAudio) return
      audioQos.count(frame.payload.length, 1)
    } else if (kind === FrameKind.Video) {
      if (!receiveVideo) return
      videoQos.count(frame.payload.length, 1)
    } else this.#context.channel.counted(1)
    const out: Buffer[] = []
    this.#encoder.entry(frame, frame.timestamp, out)
    this.#context.safely(() => this.#context.channel.sendEncoded(Buffer.concat(out)))
  }

  ended({ duration, bytes, damage }: ShowEnd): void {
    this.#context.safely(() => {
      if (damage !== null) this.#owner.status(playStatus.damaged(`${this.#given} is damaged: ${damage}`))
      const complete = { level: 'status', code: 'NetStream.Play.Complete', duration: duration / 1000, bytes }
      this.#data('onPlayStatus', complete)
      this.#owner.status(playStatus.stop(this.#given))
      this.#event(UserEvent.StreamEof)
      this.#over()
    })
  }

  pause(paused: boolean): void {
    this.#paused = paused
    if (paused) this.#show?.pause(true)
    this.#event(paused ? UserEvent.StreamEof : UserEvent.StreamBegin)
    this.#owner.status(paused ? playStatus.paused(this.#given) : playStatus.unpaused(this.#given))
    if (!paused) this.#show?.pause(false)
  }

  seek(ms: number): void {
    const { safely } = this.#context
    this.#show?.seek(ms, () => {
      safely(() => {
        this.#event(UserEvent.StreamIsRecorded)
        this.#event(UserEvent.StreamBegin)
        this.#owner.status(playStatus.seeking(this.#given, ms))
        this.#owner.status(playStatus.start(this.#given))
      })
    })
  }

  buffer(ms: number): void {
    this.#show?.buffer(ms)
  }

  close(): void {
    this.#closed = true
    this.#show?.close()
  }

  #offer({ kind, payload }: Frame): void {
    if (kind === FrameKind.Data || !this.#tracks.note(kind, describeTag(kind, payload))) return
    this.#context.safely(() => {
      if (this.#sink.offered?.(kind, this.#tracks.of(kind)) === false) this.#withheld.add(kind)
      else this.#withheld.delete(kind)
    })
  }

  #event(event: UserEvent): void {
    this.#context.channel.send(userControl(event, this.#owner.id))
  }

  #data(...values: unknown[]): void {
    this.#context.channel.send(encodeData(this.#owner.id, values))
  }
}
