import type { Hub } from '../hub/hub.ts'
import type { Publication } from '../hub/publication.ts'
import { readDataBody } from '../media/data-body.ts'
import { isWithin } from './catalog.ts'
import type { Fields } from './fields.ts'
import type { Groups } from './groups.ts'
import type { Members } from './members.ts'
import type { Rooms } from './rooms.ts'
import type { FieldsOf, MirrorEvent } from './wire.ts'

export interface SnapshotOptions {
  readonly path: string
  readonly members: Members
  readonly rooms: Rooms
  readonly fields: Fields
  readonly groups: Groups
  readonly applications: string[]
  readonly hub: Hub
  /** Is what belongs to this application none of the scripts' business? */
  foreign(path: string): boolean
}

/** All that an application may see, its own and its descendants': what a host that has just been raised is told first. */
export function snapshot({
  path,
  members,
  rooms,
  fields,
  groups,
  applications,
  hub,
  foreign,
}: SnapshotOptions): MirrorEvent[] {
  const events: MirrorEvent[] = [{ e: 'applications', paths: applications }]
  const addFields = (of: FieldsOf, id: string): void => {
    const event = fields.event(of, id)
    if (event) events.push(event)
  }
  for (const { key, app, name } of rooms.within(path)) {
    events.push({ e: 'room', app, room: name })
    addFields('room', key)
  }
  for (const { client } of members.within(path)) {
    const joined = client.state === 'joined'
    events.push(joined ? { e: 'client', facts: client.facts, present: true } : { e: 'client', facts: client.facts })
    addFields('client', client.id)
    if (joined) events.push({ e: 'joined', client: client.id })
  }
  for (const { app, id, clients } of groups.within(path)) {
    for (const client of clients) events.push({ e: 'groupJoined', app, id, client: client.id })
  }
  for (const publication of hub.publications.values()) {
    if (!isWithin(path, publication.app) || foreign(publication.app)) continue
    events.push({ e: 'publication', facts: publication.facts() })
    addFields('publication', publication.key)
    if (publication.tracks.all.length > 0) events.push(codecsEvent(publication))
    const metadata = metadataEvent(publication)
    if (metadata) events.push(metadata)
  }
  for (const listener of hub.listeners.values()) {
    if (!isWithin(path, listener.client.app) || foreign(listener.client.app)) continue
    events.push({ e: 'listener', facts: listener.facts() })
    if (listener.state === 'joined') events.push({ e: 'listening', listener: listener.id })
  }
  return events
}

export function codecsEvent({ key, audioCodec, videoCodec, tracks }: Publication): MirrorEvent {
  return { e: 'codecs', publication: key, audio: audioCodec, video: videoCodec, tracks: tracks.all }
}

export function metadataEvent({ key, cache }: Publication): MirrorEvent | null {
  if (!cache.metadata) return null
  return { e: 'metadata', publication: key, metadata: readDataBody(cache.metadata.payload).values }
}
