import type { LogLevel, PushedFrame, ScriptFault } from '../server/apps/wire.ts'
import type { GlassCommand, Turn } from './glass.ts'
import { LOG_LINES, LOG_TEXT, OUTBOX_BYTES, OUTBOX_COMMANDS } from './limits.ts'
import { list, RangeErrorClass, SafeMap, textSlice } from './primordials.ts'
import type { Place } from './stack.ts'
import { WriteOrder } from './write-order.ts'

/** What a turn writes, in order, until the host takes it. */
export class Outbox {
  readonly turn: Turn = { commands: list(), wake: -1, pending: 0, more: false }
  #bytes = 0
  #lines = 0
  /** Frames of script publications since their last flush: they join the command that already waits. */
  readonly #pushes = new SafeMap<string, PushedFrame[]>()
  /** By client. */
  readonly #writes = new SafeMap<string, WriteOrder>()

  /** A new turn begins: of what there is, `taken` commands have been. Behind them is what a debugger has had written since. */
  begin(taken = this.turn.commands.length): void {
    const dropped = this.#lines - LOG_LINES
    const { commands } = this.turn
    this.turn.commands = list()
    for (let i = taken; i < commands.length; i++) this.answer(commands[i]!)
    this.#bytes = 0
    this.#lines = 0
    this.#pushes.clear()
    this.#writes.clear()
    if (dropped > 0) this.log('warn', `${dropped} more lines were not logged`, { file: '', line: 0, column: 0 })
  }

  /**
   * A command a script asked for; `bytes` is what it carries.
   * Throws a RangeError when the turn has written too much.
   */
  write(command: GlassCommand, bytes: number): void {
    if (this.turn.commands.length >= OUTBOX_COMMANDS) {
      throw new RangeErrorClass(`more than ${OUTBOX_COMMANDS} commands at once: spread them over several timers`)
    }
    this.#spend(bytes)
    this.answer(command)
  }

  /** As write(), for one of a client's flow writers. */
  writeFrom(writer: object, command: GlassCommand & { client: string }, bytes: number): void {
    this.write(command, bytes)
    let order = this.#writes.get(command.client)
    if (order === undefined) {
      order = new WriteOrder()
      this.#writes.set(command.client, order)
    }
    order.wrote(writer, this.turn.commands.length - 1)
  }

  /** What the writer wrote leaves before what the client's other writers have not flushed. */
  flushWriter(writer: object, client: string): void {
    this.#writes.get(client)?.flush(writer, this.turn.commands)
  }

  /** What the engine itself has to say: never refused. */
  answer(command: GlassCommand): void {
    const { commands } = this.turn
    commands[commands.length] = command
  }

  push(publication: string, frame: PushedFrame): void {
    const waiting = this.#pushes.get(publication)
    if (waiting !== undefined) {
      this.#spend(frame.packet.length)
      waiting[waiting.length] = frame
      return
    }
    const frames = list<PushedFrame>()
    frames[0] = frame
    this.write({ c: 'push', publication, frames }, frame.packet.length)
    this.#pushes.set(publication, frames)
  }

  flush(publication: string): void {
    this.#pushes.delete(publication)
  }

  log(level: LogLevel, text: string, place: Place): void {
    if (++this.#lines > LOG_LINES) return
    const shown = text.length > LOG_TEXT ? `${textSlice(text, 0, LOG_TEXT)}…` : text
    this.answer({ c: 'log', level, text: shown, file: place.file, line: place.line })
  }

  fault(hook: string, fault: ScriptFault): void {
    if (++this.#lines > LOG_LINES) return
    this.answer({ c: 'fault', hook, ...fault })
  }

  #spend(bytes: number): void {
    if (this.#bytes + bytes > OUTBOX_BYTES) {
      throw new RangeErrorClass(`more than ${OUTBOX_BYTES} bytes at once: spread them over several timers`)
    }
    this.#bytes += bytes
  }
}
