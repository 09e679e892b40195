import type { Log } from '../base/log.ts'
import { allows, type Bandwidth, type Client, type ClientAnswer } from '../hub/client.ts'
import type { Hub } from '../hub/hub.ts'
import type { Listener } from '../hub/listener.ts'
import { encodeAmf0 } from '../media/amf0.ts'
import type { App } from './app.ts'
import type { Bubbling } from './bubbling.ts'
import { heldCommandsMax } from './limits.ts'
import { redirectUrl } from './redirect.ts'
import type { AppCommand, HookEvent } from './wire.ts'

export type ClientCommand = AppCommand & { client: string }

interface Held {
  readonly app: App
  readonly command: ClientCommand
}

export interface ClientCommandsOptions {
  readonly hub: Hub
  readonly bubbling: Bubbling
  readonly log: Log
}

/** What scripts ask of one client: to hear something, to go, to be allowed something. */
export class ClientCommands {
  readonly #options: ClientCommandsOptions
  /** For clients whose verdict is out. */
  readonly #held = new Map<string, Held[]>()

  constructor(options: ClientCommandsOptions) {
    this.#options = options
  }

  take(app: App, client: Client, command: ClientCommand): void {
    if (command.c === 'access') this.#access(app, client, command)
    else if (command.c === 'redirect') this.#options.hub.redirect(client, redirectUrl(command.to, client.facts))
    else if (client.state === 'asking') this.#hold(app, command)
    else if (client.state === 'joined') this.#write(app, client, command)
  }

  /** What waited for the client's verdict; nothing when that was no. */
  release(client: Client): readonly Held[] {
    const held = this.#held.get(client.id) ?? []
    this.#held.delete(client.id)
    return client.state === 'joined' ? held : []
  }

  allowSamples(listener: Listener, audio: boolean, video: boolean, except?: App): void {
    if (listener.audioSampleAccess === audio && listener.videoSampleAccess === video) return
    listener.allowSamples(audio, video)
    this.#options.bubbling.tell(listener.client.app, { e: 'sampleAccess', listener: listener.id, audio, video }, except)
  }

  #write(app: App, { peer }: Client, command: ClientCommand): void {
    switch (command.c) {
      case 'message': {
        const { name, args, ticket, droppable } = command
        if (ticket === 0) return peer.call(name, args, { droppable })
        const answered = (answer: ClientAnswer): void => app.channel.tell({ e: 'answer', ticket, ...answer })
        return peer.call(name, args, { droppable, answered })
      }
      case 'status':
        return peer.status(command.code, command.description, { droppable: command.droppable })
      case 'ping':
        return peer.ping()
      case 'bandwidth':
        return peer.bandwidth(measured => app.channel.tell(measuredEvent(command.ticket, measured)))
      case 'closeClient': {
        const farewell = { code: 'Connect.Closed', description: command.reason }
        return peer.close(command.failed ? { ...farewell, failure: command.reason } : farewell)
      }
    }
  }

  #access(app: App, client: Client, { c: _, client: id, ...access }: AppCommand & { c: 'access' }): void {
    const { facts } = client
    const { audioSampleAccess, videoSampleAccess } = facts
    Object.assign(facts, access)
    this.#options.bubbling.tell(client.app, { e: 'access', client: id, ...access }, app)
    if (facts.audioSampleAccess === audioSampleAccess && facts.videoSampleAccess === videoSampleAccess) return
    for (const listener of client.listeners) {
      const { address } = listener.address
      const audio = allows(facts.audioSampleAccess, address)
      this.allowSamples(listener, audio, allows(facts.videoSampleAccess, address))
    }
  }

  #hold(app: App, command: ClientCommand): void {
    const held = this.#held.get(command.client)
    if (!held) this.#held.set(command.client, [{ app, command }])
    else if (held.length < heldCommandsMax) held.push({ app, command })
    else if (held.length === heldCommandsMax) {
      held.push({ app, command })
      const text = `more than ${heldCommandsMax} commands for a client that is not accepted yet: the rest is dropped`
      this.#options.log.warn({ app: app.name, client: command.client }, text)
    }
  }
}

type Answer = HookEvent & { e: 'answer' }

function measuredEvent(ticket: number, bandwidth: Bandwidth | null): Answer {
  if (!bandwidth) return { e: 'answer', ticket, ok: false, text: 'the client has left' }
  const { maximum, latency, bytes, ms } = bandwidth
  return { e: 'answer', ticket, ok: true, value: encodeAmf0([{ maximum, latency, bytes, ms }]) }
}
