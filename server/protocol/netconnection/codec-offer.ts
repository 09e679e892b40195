import type { Track } from '../../hub/tracks.ts'
import { type Announced, takes } from '../../media/announced.ts'
import { audioFourCcs, isEnhanced, videoFourCcs } from '../../media/codec.ts'
import { FrameKind } from '../../media/frame.ts'
import type { Reading } from '../../media/readable.ts'
import { playStatus, type Status } from './status.ts'

/** What becomes of the sounds or pictures a player is offered, and what it is to hear of that. */
export interface Offered {
  readonly send: boolean
  readonly status: Status | null
}

/**
 * Compares what is published with what a player announced. A codec it left out of its list is not sent, and it is told
 * why. Who announced nothing is given everything, because most players that know HEVC or Opus do not say so (FFmpeg and
 * VLC among them), but is told too: one that shows nothing can say what is missing.
 */
export class CodecOffer {
  readonly #announced: Announced | undefined
  readonly #reading: Reading
  readonly #given: string
  /** What it was told of already, by kind. */
  readonly #told = new Map<FrameKind, string>()

  /** `given`: the name of the stream in the player's own words. */
  constructor(announced: Announced | undefined, reading: Reading, given: string) {
    this.#announced = announced
    this.#reading = reading
    this.#given = given
  }

  /** The tracks of that kind, as often as they change. */
  offer(kind: FrameKind, tracks: readonly Track[]): Offered {
    const reaching = this.#reading.multitrack ? tracks : tracks.filter(({ track }) => track === 0)
    const enhanced = reaching.filter(({ codec }) => isEnhanced(codec))
    const list = kind === FrameKind.Video ? this.#announced?.video : this.#announced?.audio
    // As long as it can take one of them, it may choose itself.
    const send = !list || reaching.length === 0 || reaching.some(({ codec }) => takes(list, codec))
    if (enhanced.length === 0 || (list && send)) return { send, status: null }
    const codecs = enhanced.map(({ codec }) => codec)
    if (this.#told.get(kind) === codecs.join()) return { send, status: null }
    this.#told.set(kind, codecs.join())
    return { send, status: playStatus.noSupportedTrack(this.#sentence(kind, codecs, list ?? null), send) }
  }

  #sentence(kind: FrameKind, codecs: readonly string[], list: readonly string[] | null): string {
    const [noun, names] = kind === FrameKind.Video ? ['video', videoFourCcs] : ['audio', audioFourCcs]
    const what = codecs.map(codec => `${names.get(codec) ?? 'of a codec'} (${codec})`).join(', ')
    const is = `The ${noun} of ${this.#given} is ${what}`
    if (!list) return `${is}; this player announced no ${noun} codecs with connect(), so it is sent all the same`
    return `${is}, which this player did not announce with connect(): it takes ${list.join(', ') || 'none'}`
  }
}
