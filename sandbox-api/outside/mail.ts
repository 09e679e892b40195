import { sealClass } from '../collection.ts'
import { STATUS_TEXT } from '../limits.ts'
import { list, TypeErrorClass } from '../primordials.ts'
import type { Script, Stage } from '../stage.ts'
import { textOf } from '../thrown.ts'
import type { Door } from './door.ts'
import { readHandler } from './handlers.ts'

/** A mail on its way. */
export class Mail {
  #onSent: Script | undefined
  readonly #stage: Stage

  constructor(stage: Stage, sent: Promise<unknown>) {
    this.#stage = stage
    void this.#follow(sent)
  }

  get onSent(): Script | undefined {
    return this.#onSent
  }

  /** Called once: with nothing when the mail server took it, with the text of what went wrong otherwise. */
  set onSent(script: unknown) {
    this.#onSent = readHandler(script, 'onSent')
  }

  get [Symbol.toStringTag](): string {
    return 'Mail'
  }

  async #follow(sent: Promise<unknown>): Promise<void> {
    let error: string | undefined
    try {
      await sent
    } catch (thrown) {
      error = textOf(thrown, STATUS_TEXT)
    }
    if (this.#onSent !== undefined) this.#stage.tell('onSent', this.#onSent, this, [error])
  }
}
sealClass(Mail)

/** Throws a TypeError that names what is no text. */
export function sendMail(door: Door, stage: Stage, values: unknown[]): Mail {
  const names = ['sender', 'subject', 'content']
  const recipients = list<string>()
  let bytes = 0
  for (let i = 0; i < values.length; i++) {
    const value = values[i]
    if (typeof value !== 'string') throw new TypeErrorClass(`sendMail: ${names[i] ?? 'a recipient'} is a text`)
    bytes += value.length * 2
    if (i >= 3) recipients[recipients.length] = value
  }
  if (recipients.length === 0)
    throw new TypeErrorClass('sendMail wants sender, subject, content and at least one recipient')
  const [sender, subject, content] = [values[0], values[1], values[2]] as [string, string, string]
  return new Mail(stage, door.ask({ noun: 'mail', what: 'send', sender, subject, content, recipients }, bytes))
}
