/** Where small messages go. They arrive in the order in which they were posted. */
export interface Bus<Message> {
  post(message: Message): void
}

/** Gathers the messages of a turn of the loop, so that they leave as one. */
export class GatheringBus<Message> implements Bus<Message> {
  readonly #send: (messages: Message[]) => void
  readonly #defer: (run: () => void) => void
  #messages: Message[] = []

  /** `defer` runs a function at the end of the turn. */
  constructor(send: (messages: Message[]) => void, defer: (run: () => void) => void) {
    this.#send = send
    this.#defer = defer
  }

  post(message: Message): void {
    this.#messages.push(message)
    if (this.#messages.length === 1) this.#defer(() => this.flush())
  }

  /** At once, for the last words of a process. */
  flush(): void {
    const messages = this.#messages
    if (messages.length === 0) return
    this.#messages = []
    this.#send(messages)
  }
}
