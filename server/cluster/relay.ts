import type { Publication } from '../hub/publication.ts'
import type { Frame } from '../media/frame.ts'

/** Takes the frames of a publication of another process: what a latecomer needs first, then everything as it comes. */
export interface Puller {
  frame(frame: Frame): void
  /** What is kept of the stream's metadata is to be forgotten. */
  forget(): void
  /** The frames have ended: the publication has, or the way to it broke. Not told after close(). */
  ended(): void
}

export interface Pull {
  /** Harmless twice. */
  close(): void
}

/**
 * How frames come from the process of a publisher to those of its players: each process pulls a publication once, from
 * its first player until the last has left. Unix sockets fulfil it on one machine.
 */
export interface Relay {
  /** `source`: the address of the relay where it is published, as the directory says. */
  pull(source: string, publication: string, puller: Puller): Pull
  /** Others may pull it from here. */
  begin(publication: Publication): void
  end(publication: Publication): void
}
