import type { Client } from '../hub/client.ts'
import type { Verdict } from '../hub/judge.ts'
import type { Publication } from '../hub/publication.ts'
import type { Bubbling } from './bubbling.ts'
import { isWithin } from './catalog.ts'
import type { Fields } from './fields.ts'
import { verdictOf } from './verdicts.ts'
import { roomKey } from './wire.ts'

/** One room of an application; the default one, '', is a room like the others. */
export interface Room {
  readonly key: string
  readonly app: string
  readonly name: string
  /** Those in it, and those whose onRoomEnter is out. */
  readonly clients: Set<Client>
  readonly publications: Set<Publication>
  /** Who waits until onRoomCreate has been answered; null once it has. */
  waiting: (() => void)[] | null
}

/** The rooms there are: one exists while it has a client or a publication. */
export class Rooms {
  readonly #byKey = new Map<string, Room>()
  readonly #bubbling: Bubbling
  readonly #fields: Fields

  constructor(bubbling: Bubbling, fields: Fields) {
    this.#bubbling = bubbling
    this.#fields = fields
  }

  get(key: string): Room | undefined {
    return this.#byKey.get(key)
  }

  /** Those of an application and of all below it. */
  *within(path: string): Generator<Room> {
    for (const room of this.#byKey.values()) if (isWithin(path, room.app)) yield room
  }

  /**
   * The client has been let into its application; `decided` hears whether the room takes it too. An ancestor whose script
   * is broken is not asked: who decided about the connection itself has decided already.
   */
  enter(client: Client, decided: (verdict: Verdict) => void): void {
    const room = this.#at(client.app, client.facts.room)
    room.clients.add(client)
    const ask = (): void => {
      const event = (ticket: number) => ({ e: 'onRoomEnter', ticket, client: client.id, room: room.key }) as const
      this.#bubbling.ask(room.app, 'onRoomEnter', event, {
        passesBroken: true,
        stale: () => client.state !== 'asking',
        settle: outcome => decided(verdictOf(outcome)),
      })
    }
    if (room.waiting) room.waiting.push(ask)
    else ask()
  }

  /** It was in its room: whoever wants to know is told. */
  left(client: Client): void {
    const key = roomKey(client.app, client.facts.room)
    this.#bubbling.call(client.app, 'onRoomLeave', { e: 'onRoomLeave', client: client.id, room: key })
  }

  /** It counts no more, whether it had got in or not. */
  release(client: Client): void {
    const room = this.#byKey.get(roomKey(client.app, client.facts.room))
    if (room?.clients.delete(client)) this.#prune(room)
  }

  published(publication: Publication): void {
    this.#at(publication.app, publication.address.room).publications.add(publication)
  }

  unpublished(publication: Publication): void {
    const room = this.#byKey.get(roomKey(publication.app, publication.address.room))
    if (room?.publications.delete(publication)) this.#prune(room)
  }

  #at(app: string, name: string): Room {
    const key = roomKey(app, name)
    const known = this.#byKey.get(key)
    if (known) return known
    const room: Room = { key, app, name, clients: new Set(), publications: new Set(), waiting: [] }
    this.#byKey.set(key, room)
    this.#bubbling.tell(app, { e: 'room', app, room: name })
    this.#bubbling.ask(app, 'onRoomCreate', ticket => ({ e: 'onRoomCreate', ticket, room: key }), {
      passesBroken: true,
      stale: () => false,
      settle: () => {
        const waiting = room.waiting ?? []
        room.waiting = null
        for (const enter of waiting) enter()
      },
    })
    return room
  }

  #prune(room: Room): void {
    if (room.clients.size > 0 || room.publications.size > 0) return
    this.#byKey.delete(room.key)
    this.#fields.forget('room', room.key)
    this.#bubbling.call(room.app, 'onRoomDestroy', { e: 'onRoomDestroy', room: room.key })
    this.#bubbling.tell(room.app, { e: 'unroom', room: room.key })
  }
}
