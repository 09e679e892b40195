import type { Client } from '../hub/client.ts'
import type { Bubbling } from './bubbling.ts'
import { isWithin } from './catalog.ts'
import { groupMembersMax } from './limits.ts'
import { groupKey } from './wire.ts'

/** A group of an application, there as long as somebody is in it. */
export interface Group {
  readonly app: string
  /** 64 hexadecimal digits. */
  readonly id: string
  readonly clients: Set<Client>
}

/** Who is in which group. */
export class Groups {
  readonly #byKey = new Map<string, Group>()
  readonly #byClient = new Map<Client, Set<Group>>()
  /** Memberships in the groups of an application. */
  readonly #members = new Map<string, number>()
  readonly #bubbling: Bubbling

  constructor(bubbling: Bubbling) {
    this.#bubbling = bubbling
  }

  /** Those of an application and of all below it. */
  *within(path: string): Generator<Group> {
    for (const group of this.#byKey.values()) if (isWithin(path, group.app)) yield group
  }

  /** False when the groups of that application have as many members as they may. Harmless twice. */
  add(app: string, id: string, client: Client): boolean {
    const key = groupKey(app, id)
    const members = this.#members.get(app) ?? 0
    const group = this.#byKey.get(key) ?? { app, id, clients: new Set<Client>() }
    if (group.clients.has(client)) return true
    if (members >= groupMembersMax) return false
    this.#byKey.set(key, group)
    this.#members.set(app, members + 1)
    group.clients.add(client)
    const groups = this.#byClient.get(client) ?? new Set<Group>()
    this.#byClient.set(client, groups.add(group))
    this.#bubbling.tell(app, { e: 'groupJoined', app, id, client: client.id })
    this.#bubbling.call(app, 'onJoinGroup', { e: 'onJoinGroup', client: client.id, app, id })
    return true
  }

  remove(app: string, id: string, client: Client): void {
    const group = this.#byKey.get(groupKey(app, id))
    if (group) this.#leave(group, client)
  }

  /** The client is leaving, and its groups with it. Harmless twice. */
  left(client: Client): void {
    for (const group of this.#byClient.get(client) ?? []) this.#leave(group, client)
  }

  #leave(group: Group, client: Client): void {
    if (!group.clients.delete(client)) return
    const { app, id } = group
    if (group.clients.size === 0) this.#byKey.delete(groupKey(app, id))
    const groups = this.#byClient.get(client)!
    groups.delete(group)
    if (groups.size === 0) this.#byClient.delete(client)
    const members = this.#members.get(app)! - 1
    if (members > 0) this.#members.set(app, members)
    else this.#members.delete(app)
    this.#bubbling.tell(app, { e: 'groupLeft', app, id, client: client.id })
    this.#bubbling.call(app, 'onUnjoinGroup', { e: 'onUnjoinGroup', client: client.id, app, id })
  }
}
