import type { GlassCommand } from './glass.ts'
import { list } from './primordials.ts'

/**
 * What the writers of one client wrote in this turn and nobody has flushed. A flush lets the messages of its writer leave
 * before all that wait with them; the end of the turn is the flush of the rest, in the order of writing (C55, C56).
 */
export class WriteOrder {
  /** Where the messages stand among the turn's commands, and whose they are. */
  #places = list<number>()
  #writers = list<object>()

  wrote(writer: object, place: number): void {
    this.#places[this.#places.length] = place
    this.#writers[this.#writers.length] = writer
  }

  /** The places stay the same, so that nothing else moves; what stands in them changes its order. */
  flush(writer: object, commands: GlassCommand[]): void {
    const own = list<GlassCommand>()
    const rest = list<GlassCommand>()
    const others = list<object>()
    for (let i = 0; i < this.#places.length; i++) {
      const command = commands[this.#places[i]!]!
      if (this.#writers[i] === writer) own[own.length] = command
      else {
        rest[rest.length] = command
        others[others.length] = this.#writers[i]!
      }
    }
    if (own.length === 0) return
    const places = list<number>()
    for (let i = 0; i < this.#places.length; i++) {
      const place = this.#places[i]!
      commands[place] = i < own.length ? own[i]! : rest[i - own.length]!
      if (i >= own.length) places[places.length] = place
    }
    this.#places = places
    this.#writers = others
  }
}
