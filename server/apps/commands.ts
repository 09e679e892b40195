import type { Clock } from '../base/clock.ts'
import { messageOf } from '../base/errors.ts'
import { ipOf } from '../base/ip-ranges.ts'
import type { Log } from '../base/log.ts'
import type { Client } from '../hub/client.ts'
import type { Hub } from '../hub/hub.ts'
import type { App } from './app.ts'
import type { AppCalls } from './app-calls.ts'
import { type Bans, bannedText } from './bans.ts'
import type { Bubbling } from './bubbling.ts'
import { isWithin } from './catalog.ts'
import { type ClientCommand, ClientCommands } from './client-commands.ts'
import { CommandQueue } from './command-queue.ts'
import { isCommand } from './command-shapes.ts'
import type { Fields } from './fields.ts'
import type { Groups } from './groups.ts'
import { bansMax, fieldBytesMax, groupMembersMax } from './limits.ts'
import type { Members } from './members.ts'
import { isNet, NetLinks, type NetLinksOptions } from './net-links.ts'
import type { NetCommand } from './net-wire.ts'
import type { Rooms } from './rooms.ts'
import { ScriptLogs } from './script-logs.ts'
import type { SharedDesk } from './shared-desk.ts'
import { StreamCommands } from './stream-commands.ts'
import type { AppCommand, FieldsOf } from './wire.ts'

export interface CommandsOptions extends NetLinksOptions {
  readonly hub: Hub
  readonly members: Members
  readonly bans: Bans
  /** The root application's bans are the server's: told to those who hold sockets. */
  banned(on: boolean, entries: readonly string[]): void
  readonly rooms: Rooms
  readonly fields: Fields
  readonly groups: Groups
  readonly calls: AppCalls
  readonly bubbling: Bubbling
  readonly shared: SharedDesk
  readonly clock: Clock
  readonly log: Log
  /** Writes into its own section of the configuration; gives a text when another value stays. Rejects with why not. */
  configure(app: App, key: string, value: string): Promise<string | undefined>
  /** Takes an application down on its own wish. */
  unload(app: App): void
  defer(run: () => void): void
}

/** Carries out what scripts ask for, as far as it is theirs: an application reaches itself and its descendants. */
export class Commands {
  readonly #options: CommandsOptions
  readonly #queue: CommandQueue
  readonly streams: StreamCommands
  readonly #nets: NetLinks
  readonly #logs: ScriptLogs
  readonly #clients: ClientCommands

  constructor(options: CommandsOptions) {
    this.#options = options
    this.#clients = new ClientCommands(options)
    this.#nets = new NetLinks(options)
    this.#logs = new ScriptLogs(options.log, options.clock)
    this.streams = new StreamCommands({ ...options, clients: this.#clients, logs: this.#logs })
    this.#queue = new CommandQueue({
      clock: options.clock,
      defer: run => options.defer(run),
      carryOut: (app, command) => this.#try(app, command),
    })
  }

  take(app: App, commands: AppCommand[]): void {
    this.#queue.add(app, commands)
  }

  /** The isolate is gone: what it asked for last, and what it published, ends with it. */
  ended(app: App): void {
    this.#queue.drop(app)
    this.#nets.end(app)
    this.streams.end(app.path)
  }

  /** The client's verdict has been told: what was written to it meanwhile follows, unless it was refused. */
  release(client: Client): void {
    for (const { app, command } of this.#clients.release(client)) this.#try(app, command)
  }

  #try(app: App, command: AppCommand): Iterator<void> | undefined {
    const { log } = this.#options
    if (!isCommand(command)) {
      log.error({ app: app.name }, 'the application host sent a command nobody knows')
      this.#queue.drop(app)
      app.replace('a command nobody knows')
      return
    }
    try {
      if (command.c === 'broadcast') return this.#broadcast(app, command)
      if (command.c === 'ban') return this.#ban(app, command)
      if (isNet(command)) this.#nets.carryOut(app, command)
      else this.#carryOut(app, command)
    } catch (error) {
      log.error({ app: app.name, command: command.c, error }, `a command failed: ${messageOf(error)}`)
    }
    return
  }

  async #configure(app: App, { ticket, key, value }: AppCommand & { c: 'configure' }): Promise<void> {
    try {
      const text = await this.#options.configure(app, key, value)
      app.channel.tell({ e: 'answer', ticket, ok: true, ...(text === undefined ? {} : { text }) })
    } catch (error) {
      app.channel.tell({ e: 'answer', ticket, ok: false, text: messageOf(error) })
    }
  }

  #carryOut(app: App, command: Exclude<AppCommand, NetCommand | { c: 'broadcast' | 'ban' }>): void {
    switch (command.c) {
      case 'verdict':
      case 'result':
      case 'early':
        return app.channel.answer(command)
      case 'message':
      case 'status':
      case 'closeClient':
      case 'ping':
      case 'bandwidth':
      case 'redirect':
      case 'access':
        return this.#toClient(app, command)
      case 'groupAdd':
      case 'groupRemove':
        return this.#group(app, command)
      case 'callApp':
        return this.#options.calls.call(app, command)
      case 'configure':
        void this.#configure(app, command)
        return
      case 'unload':
        return this.#options.unload(app)
      case 'fields':
        return this.#fields(app, command)
      case 'publish':
      case 'push':
      case 'send':
      case 'closePublication':
      case 'record':
      case 'stopRecording':
      case 'recordings':
      case 'streamPlay':
      case 'streamStop':
      case 'closeListener':
      case 'listener':
      case 'sampleAccess':
        return this.streams.carryOut(app, command)
      case 'shared':
        return this.#options.shared.carryOut(app, command)
      case 'log':
        return this.#logs.of(app).line(command)
      case 'fault':
        return this.#logs.of(app).fault(command)
    }
  }

  #toClient(app: App, command: ClientCommand): void {
    const member = this.#options.members.get(command.client)
    // A client that has gone hears nothing: writing to it has no effect.
    if (!member) return
    const { client } = member
    if (!isWithin(app.path, client.app)) return this.#logs.foreign(app, command)
    this.#clients.take(app, client, command)
  }

  /** One client a step: ten thousand of them are more than a turn of the loop has time for. */
  *#broadcast(app: App, { room, name, args0, args3 }: AppCommand & { c: 'broadcast' }): Generator<void> {
    for (const client of this.#audience(app, room)) {
      yield
      if (client.state !== 'joined') continue
      client.peer.call(name, client.facts.objectEncoding === 3 ? args3 : args0, {})
    }
  }

  *#audience(app: App, key: string | undefined): Generator<Client> {
    if (key === undefined) {
      for (const { client } of this.#options.members.of(app.path)) yield client
      return
    }
    const room = this.#options.rooms.get(key)
    if (room && !isWithin(app.path, room.app)) return this.#logs.foreign(app, { room: key })
    if (room) yield* room.clients
  }

  #group(app: App, { c, app: path, id, client: clientId }: AppCommand & { c: 'groupAdd' | 'groupRemove' }): void {
    const { members, groups } = this.#options
    const client = members.get(clientId)?.client
    if (!client) return
    if (!isWithin(app.path, path) || !isWithin(path, client.app) || !/^[0-9a-f]{64}$/.test(id)) {
      return this.#logs.foreign(app, { client: clientId })
    }
    if (c === 'groupRemove') return groups.remove(path, id, client)
    if (groups.add(path, id, client)) return
    this.#logs.of(app).warn({ client: clientId }, `more than ${groupMembersMax} members of groups: one was not added`)
    app.channel.tell({ e: 'groupLeft', app: path, id, client: clientId })
  }

  /** All other applications that see the object hear of it, in one order for all. */
  #fields(app: App, { of, id, fields }: AppCommand & { c: 'fields' }): void {
    const owner = this.#ownerOf(of, id)
    if (owner === undefined) return
    if (!isWithin(app.path, owner)) return this.#logs.foreign(app, { [of]: id })
    const { bubbling } = this.#options
    if (this.#options.fields.write(of, id, owner, fields)) {
      bubbling.tell(owner, { e: 'fields', of, id, fields }, app)
    } else {
      const text = `more than ${fieldBytesMax} bytes of fields: what was put on a ${of} stays in this application`
      this.#logs.of(app).warn({ [of]: id }, text)
    }
    app.channel.tell({ e: 'fieldsTaken', of, id, names: fields.map(([name]) => name) })
  }

  /** The application that a client, publication or room is in; undefined when it is gone. */
  #ownerOf(of: FieldsOf, id: string): string | undefined {
    if (of === 'client') return this.#options.members.get(id)?.client.app
    if (of === 'room') return this.#options.rooms.get(id)?.app
    return this.#options.hub.publications.get(id)?.app
  }

  /** Those who are here leave, one a step; of the root's bans the sockets hear too. */
  *#ban(app: App, { on, entries }: AppCommand & { c: 'ban' }): Generator<void> {
    const { bans, members, banned } = this.#options
    if (!on) bans.remove(app.path, entries)
    const left = on ? bans.add(app.path, entries) : []
    if (left.length > 0) {
      const text = `the blacklist is full (${bansMax}): ${left.slice(0, 5).join(', ')} and the rest were not taken`
      this.#logs.of(app).warn({ notTaken: left.length }, text)
    }
    if (app.path === '') banned(on, entries)
    if (!on) return
    for (const { client } of [...members.within(app.path)]) {
      yield
      if (!bans.cover(client.app, ipOf(client.facts.address))) continue
      const code = client.state === 'joined' ? 'Connect.Closed' : 'Connect.Rejected'
      client.peer.close({ code, description: bannedText })
    }
  }
}
