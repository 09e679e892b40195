import { encode } from './amf.ts'
import type { ClientState } from './client-state.ts'
import { sealClass } from './collection.ts'
import { functionOrNull, textGiven } from './given.ts'
import { ErrorClass, TypeErrorClass } from './primordials.ts'

/**
 * A one-way pipe of messages to a client. Over TCP all writers of a client share its connection; what they write leaves
 * when the turn ends, in order. Writing to a client that has gone has no effect.
 */
export class FlowWriter {
  readonly #state: ClientState
  readonly #main: boolean
  #reliable = true
  #closed = false
  #onManage: (() => void) | undefined

  constructor(state: ClientState, main: boolean) {
    this.#state = state
    this.#main = main
  }

  get reliable(): boolean {
    return this.#reliable
  }

  set reliable(value: boolean) {
    this.#reliable = !!value
  }

  writeAMFMessage(name: string, ...values: unknown[]): void {
    const { facts, engine } = this.#state
    if (this.#closed || this.#state.gone) return
    const method = textGiven(name, 'writeAMFMessage: name')
    const args = encode(values, facts.objectEncoding, engine.outbox)
    const droppable = !this.#reliable
    const command = { c: 'message', client: facts.id, name: method, args, ticket: 0, droppable } as const
    engine.outbox.writeFrom(this, command, args.length + method.length)
  }

  writeAMFResult(...values: unknown[]): void {
    const { facts, engine } = this.#state
    if (this.#closed || this.#state.gone) return
    const { serving } = engine
    if (serving === undefined || serving.client !== facts.id) {
      throw new ErrorClass('writeAMFResult: no call of this client is being served; return the value instead')
    }
    const value = encode(values.length === 0 ? [null] : values, facts.objectEncoding, engine.outbox)
    engine.outbox.write({ c: 'early', ticket: serving.ticket, value }, value.length)
  }

  writeStatusResponse(code: string, description: string = ''): void {
    const { facts, engine } = this.#state
    if (this.#closed || this.#state.gone) return
    const event = textGiven(code, 'writeStatusResponse: code')
    const text = textGiven(description, 'writeStatusResponse: description')
    const status = { c: 'status', client: facts.id, code: event, description: text } as const
    engine.outbox.writeFrom(this, { ...status, droppable: !this.#reliable }, event.length + text.length)
  }

  /**
   * What was written leaves before what the client's other writers have not flushed; the end of the turn sends the rest, in
   * the order of writing. Over TCP there are no packets of which the last could be kept back: `full` changes nothing.
   */
  flush(_full: boolean = true): void {
    const { facts, engine } = this.#state
    engine.outbox.flushWriter(this, facts.id)
  }

  newFlowWriter(): FlowWriter {
    return new FlowWriter(this.#state, false)
  }

  get onManage(): (() => void) | null {
    return this.#onManage ?? null
  }

  /** Called every two seconds; only writers that the script opened have one. */
  set onManage(value: (() => void) | null) {
    if (this.#main) throw new TypeErrorClass('the main writer has no onManage: use the client')
    if (this.#closed || this.#state.gone) return
    this.#onManage = functionOrNull(value, 'onManage')
    this.#state.engine.manager.set(this, 'writer.onManage', this.#onManage, this.#state)
  }

  /** Closing the main writer ends the session; any other only itself. */
  close(): void {
    if (this.#closed) return
    if (this.#main) {
      this.#state.end()
      return
    }
    this.#closed = true
    this.#state.engine.manager.set(this, '', undefined, this.#state)
  }

  get [Symbol.toStringTag](): string {
    return 'FlowWriter'
  }
}
sealClass(FlowWriter)
