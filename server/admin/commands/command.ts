import type { World } from '../world.ts'

export interface CommandCall {
  readonly world: World
  /** What followed the command. */
  readonly words: readonly string[]
  /** The path of the application in use. */
  readonly app: string
}

/** What an operator may ask of the server itself: no script runs for it. */
export interface Command {
  readonly name: string
  /** What is to follow it. */
  readonly usage: string
  readonly help: string
  /** The text for the operator. Throws an Error with a sentence for one who asked amiss. */
  run(call: CommandCall): string | Promise<string>
}
