import type { Log } from '../base/log.ts'
import type { Client } from './client.ts'
import type { Play } from './play.ts'
import type { Publication } from './publication.ts'

/** What an application threw while nobody waited for it, or by a slip. */
export interface Fault {
  readonly app: string
  readonly hook: string
  readonly error: unknown
}

/** What a server tells whoever listens, in the order in which it happened. */
export interface ServerEventMap {
  connect: [client: Client]
  /** `failure`: what broke, in words; null after a clean end. */
  disconnect: [client: Client, failure: string | null]
  publish: [client: Client, publication: Publication]
  unpublish: [client: Client, publication: Publication]
  play: [client: Client, play: Play]
  playStop: [client: Client, play: Play]
  fault: [fault: Fault]
}

type Listener<Name extends keyof ServerEventMap> = (...args: ServerEventMap[Name]) => unknown
type Listeners = { [Name in keyof ServerEventMap]: Set<Listener<Name>> }

/** Tells events so that no listener can do harm: what one throws, now or later, is logged, and the others are told all the same. */
export class ServerEvents {
  readonly #log: Log
  readonly #listeners: Listeners = {
    connect: new Set(),
    disconnect: new Set(),
    publish: new Set(),
    unpublish: new Set(),
    play: new Set(),
    playStop: new Set(),
    fault: new Set(),
  }

  constructor(log: Log) {
    this.#log = log
  }

  /** Throws a TypeError when there is no such event. */
  on<Name extends keyof ServerEventMap>(name: Name, listener: Listener<Name>): void {
    this.#of(name).add(listener)
  }

  off<Name extends keyof ServerEventMap>(name: Name, listener: Listener<Name>): void {
    this.#of(name).delete(listener)
  }

  tell<Name extends keyof ServerEventMap>(name: Name, ...args: ServerEventMap[Name]): void {
    for (const listener of this.#of(name)) {
      try {
        const done = listener(...args)
        if (done instanceof Promise) done.catch(error => this.#failed(name, error))
      } catch (error) {
        this.#failed(name, error)
      }
    }
  }

  #of<Name extends keyof ServerEventMap>(name: Name): Set<Listener<Name>> {
    if (!Object.hasOwn(this.#listeners, name)) throw new TypeError(`there is no event ${JSON.stringify(name)}`)
    return this.#listeners[name]
  }

  #failed(event: string, err: unknown): void {
    this.#log.error({ event, err }, 'a listener of the server threw')
  }
}
