import type { MirrorEvent } from '../server/apps/wire.ts'
import type { Mirrors } from './mirrors.ts'
import { list } from './primordials.ts'

/** The events that would fill empty mirrors with what these hold. */
export function packMirrors(mirrors: Mirrors): MirrorEvent[] {
  const events = list<MirrorEvent>()
  const add = (event: MirrorEvent) => {
    events[events.length] = event
  }
  add({ e: 'applications', paths: mirrors.applications.paths })
  mirrors.rooms.forEach(({ app, name, confirmed }) => {
    if (confirmed) add({ e: 'room', app, room: name })
  })
  mirrors.eachClient(state => {
    const client = state.facts.id
    add({ e: 'client', facts: state.facts, present: true })
    if (state.joined) add({ e: 'joined', client })
    if (state.gone) add({ e: 'left', client })
    add({
      e: 'stats',
      clients: [
        [client, state.ping, state.bytesIn, state.bytesOut, state.silence, state.messagesIn, state.messagesOut],
      ],
      publications: [],
      listeners: [],
    })
  })
  mirrors.groups.forEach(({ app, id, members }) => {
    members.items.forEach((_member, client) => {
      add({ e: 'groupJoined', app, id, client })
    })
  })
  mirrors.eachPublication((state, publication) => {
    add({ e: 'publication', facts: state.facts })
    if (state.metadata !== undefined) add({ e: 'metadata', publication, metadata: state.metadata })
    add({ e: 'codecs', publication, ...state.codecs, tracks: state.tracks })
    const { audio, video } = state
    add({ e: 'stats', clients: [], publications: [{ publication, audio, video }], listeners: [] })
  })
  mirrors.eachListener((state, listener) => {
    add({ e: 'listener', facts: state.facts })
    if (state.listening) add({ e: 'listening', listener })
    const { audio, video } = state
    add({ e: 'stats', clients: [], publications: [], listeners: [{ listener, audio, video }] })
  })
  mirrors.shared.forEach(state => {
    add({ e: 'shared', facts: state.pack() })
  })
  return events
}
