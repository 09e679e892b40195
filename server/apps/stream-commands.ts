import type { Clock } from '../base/clock.ts'
import type { Hub } from '../hub/hub.ts'
import type { Judge } from '../hub/judge.ts'
import type { Listener } from '../hub/listener.ts'
import type { Publication } from '../hub/publication.ts'
import { writeDataBody } from '../media/data-body.ts'
import type { App } from './app.ts'
import { isWithin } from './catalog.ts'
import type { ClientCommands } from './client-commands.ts'
import type { ScriptLogs } from './script-logs.ts'
import { relayData, ScriptPublications } from './script-publications.ts'
import { type Answer, ScriptRecordings } from './script-recordings.ts'
import { ServerStreams } from './server-streams.ts'
import type { AppCommand } from './wire.ts'

export type StreamCommand = AppCommand & {
  c:
    | 'publish'
    | 'push'
    | 'send'
    | 'closePublication'
    | 'record'
    | 'stopRecording'
    | 'recordings'
    | 'streamPlay'
    | 'streamStop'
    | 'closeListener'
    | 'listener'
    | 'sampleAccess'
}

export interface StreamCommandsOptions {
  readonly hub: Hub
  readonly locate: Judge['locate']
  readonly clock: Clock
  readonly clients: ClientCommands
  readonly logs: ScriptLogs
}

/** What scripts ask of publications, of those who watch them, and of recordings. */
export class StreamCommands {
  readonly #hub: Hub
  readonly #clients: ClientCommands
  readonly #logs: ScriptLogs
  readonly #publications: ScriptPublications
  readonly #recordings: ScriptRecordings
  readonly #playlists: ServerStreams

  constructor({ hub, locate, clock, clients, logs }: StreamCommandsOptions) {
    this.#hub = hub
    this.#clients = clients
    this.#logs = logs
    this.#publications = new ScriptPublications(hub.publishing, locate)
    this.#recordings = new ScriptRecordings(hub, locate)
    this.#playlists = new ServerStreams({ hub, clock, locate, publications: this.#publications })
  }

  carryOut(app: App, command: StreamCommand): void {
    switch (command.c) {
      case 'publish':
        return this.#publish(app, command)
      case 'push':
        return this.#push(app, command)
      case 'send':
        return this.#send(app, command)
      case 'closePublication':
        return this.#close(app, command)
      case 'record':
        return this.#record(app, command)
      case 'stopRecording':
        this.#publication(app, command.publication, publication => this.#hub.archive.stop(publication))
        return
      case 'recordings':
        return this.#recordings.recordings(app.path, command, this.#answering(app, command.ticket))
      case 'streamPlay':
        return this.#playlists.play(app, command)
      case 'streamStop':
        return this.#playlists.stop(app, command)
      case 'closeListener':
        return this.#listener(app, command.listener, listener => {
          this.#hub.playing.closeListener(listener, command.code || 'Play.Stop', command.description)
        })
      case 'listener':
        return this.#listener(app, command.listener, listener => {
          listener.receive(command.receiveAudio, command.receiveVideo)
        })
      case 'sampleAccess':
        return this.#listener(app, command.listener, listener => {
          this.#clients.allowSamples(listener, command.audio, command.video, app)
        })
    }
  }

  /** It is live from now on, or nobody publishes it any more. */
  changed(publication: Publication): void {
    this.#playlists.changed(publication)
  }

  /** The isolate is gone, and what it published ends. */
  end(path: string): void {
    this.#playlists.end(path)
    this.#publications.end(path)
  }

  #publish(app: App, { ticket, address }: StreamCommand & { c: 'publish' }): void {
    const text = this.#publications.publish(app.path, address)
    this.#answering(app, ticket)(text === null ? { ok: true } : { ok: false, text })
  }

  #push(app: App, { publication, frames }: StreamCommand & { c: 'push' }): void {
    for (const { name, reason } of this.#publications.push(app.path, publication, frames)) {
      this.#refused(app, name, reason)
    }
  }

  #send(app: App, { publication: key, name, values }: StreamCommand & { c: 'send' }): void {
    this.#publication(app, key, publication => {
      const body = writeDataBody(name, values)
      // Its own packet hooks do not see it, or a script would answer itself for ever.
      const { tap } = publication
      publication.tap = null
      this.#refused(app, name, relayData(publication, body))
      publication.tap = tap
    })
  }

  #close(app: App, command: StreamCommand & { c: 'closePublication' }): void {
    const { generation, code, description } = command
    this.#publication(app, command.publication, publication => {
      const isMeant =
        generation === 0 ? this.#publications.has(app.path, publication) : generation === publication.generation
      if (isMeant) this.#hub.publishing.closePublication(publication, code || 'Unpublish.Success', description)
    })
  }

  #record(app: App, command: StreamCommand & { c: 'record' }): void {
    const answer = this.#answering(app, command.ticket)
    const isThere = this.#publication(app, command.publication, publication => {
      this.#recordings.record(publication, command, answer)
    })
    if (!isThere) answer({ ok: false, text: 'nobody publishes it' })
  }

  #answering(app: App, ticket: number): (answer: Answer) => void {
    return answer => app.channel.tell({ e: 'answer', ticket, ...answer })
  }

  /** A data message that no player is given, and why. */
  #refused(app: App, name: string, reason: string | null): void {
    if (reason !== null)
      this.#logs.of(app).warn({ name: name.slice(0, 64) }, `data of the script was not sent: ${reason}`)
  }

  /** False when it is not there, or is not the application's. */
  #publication(app: App, key: string, act: (publication: Publication) => void): boolean {
    const publication = this.#hub.publications.get(key)
    if (!publication) return false
    const isOwn = isWithin(app.path, publication.app)
    if (isOwn) act(publication)
    else this.#logs.foreign(app, { publication: key })
    return isOwn
  }

  #listener(app: App, id: number, act: (listener: Listener) => void): void {
    const listener = this.#hub.listeners.get(id)
    if (!listener) return
    if (isWithin(app.path, listener.client.app)) act(listener)
    else this.#logs.foreign(app, { listener: id })
  }
}
