import type { Client } from '../hub/client.ts'
import { isWithin } from './catalog.ts'

/** One client, and who let it in. */
export interface Member {
  readonly client: Client
  /** The application that answered its onConnection; null as long as none did. */
  answeredBy: string | null
}

/** The clients that applications know: joined ones, and those whose verdict is out. */
export class Members {
  readonly #byId = new Map<string, Member>()
  readonly #byApp = new Map<string, Set<Member>>()

  add(client: Client): void {
    const member: Member = { client, answeredBy: null }
    this.#byId.set(client.id, member)
    const others = this.#byApp.get(client.app)
    if (others) others.add(member)
    else this.#byApp.set(client.app, new Set([member]))
  }

  remove(client: Client): void {
    const member = this.#byId.get(client.id)
    if (!member) return
    this.#byId.delete(client.id)
    const others = this.#byApp.get(client.app)!
    others.delete(member)
    if (others.size === 0) this.#byApp.delete(client.app)
  }

  get(id: string): Member | undefined {
    return this.#byId.get(id)
  }

  /** Has the application itself clients? */
  has(path: string): boolean {
    return this.#byApp.has(path)
  }

  /** Of all applications that have clients. */
  paths(): Iterable<string> {
    return this.#byApp.keys()
  }

  /** Those of one application. */
  of(path: string): Iterable<Member> {
    return this.#byApp.get(path) ?? []
  }

  /** Those of an application and of all below it. */
  *within(path: string): Generator<Member> {
    for (const [app, members] of this.#byApp) if (isWithin(path, app)) yield* members
  }
}
