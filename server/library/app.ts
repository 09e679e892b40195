import { AppError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { Client } from './client.ts'
import type { Play } from './play.ts'
import type { Publication } from './publication.ts'
import type { ServerPublication } from './server-publication.ts'

/** What a hook answers, at once or later: `false` refuses, and so does a throw, with its text; anything else allows. */
export type Answer = unknown

/** What onConnect answers, or a Promise of it: see there. */
// biome-ignore lint/suspicious/noConfusingVoidType: a method that returns nothing is one that postpones.
export type ConnectAnswer = boolean | object | undefined | void

/** What an application is given by the server that runs it. */
export interface AppHome {
  readonly name: string
  readonly log: Log
  readonly clients: ReadonlyMap<string, Client>
  readonly publications: ReadonlyMap<string, Publication>
  publish(name: string): ServerPublication
}

/** For the server alone: an application moves in before its first hook is called. */
export let moveIn: (app: App, home: AppHome) => void

/**
 * An application: a class whose hooks decide who may do what. As it is, it accepts everybody, lets them publish and play,
 * and knows no functions. Override what should be different; each hook may be async, and is then waited for at most
 * `apps.verdictTimeout`. What a hook throws is the error of that one call and harms nobody else.
 *
 * The server makes one of it for each name it is installed under.
 */
export class App {
  /** Functions that clients may call, by name; each is given the client and its arguments. Only own ones count. */
  // biome-ignore lint/suspicious/noExplicitAny: the author names the types of what the clients send.
  calls: Record<string, (client: Client, ...args: any[]) => unknown> = {}
  #home: AppHome | null = null

  static {
    moveIn = (app, home) => {
      app.#home = home
    }
  }

  /** The name it is installed under (`live`), or under '*' the one that was asked for. */
  get name(): string {
    return this.#moved.name
  }

  get log(): Log {
    return this.#moved.log
  }

  /** Accepted clients by id, in the order they came. */
  get clients(): ReadonlyMap<string, Client> {
    return this.#moved.clients
  }

  /** What is published now, by clients and by the server, by address (`name`, or `room/name`). */
  get publications(): ReadonlyMap<string, Publication> {
    return this.#moved.publications
  }

  /** Publishes a stream of the server's own; see CumulusServer.publish(). */
  publish(name: string): ServerPublication {
    return this.#moved.publish(name)
  }

  /** Calls a function of every accepted client and wants no answer. */
  broadcast(name: string, ...args: unknown[]): void {
    for (const client of this.clients.values()) client.send(name, ...args)
  }

  /** Before its first client; a throw keeps the server from starting (under '*': its clients are refused). */
  onStart(): void | Promise<void> {}

  /** After its last client, when the server stops; under '*' as soon as nobody is left. */
  onStop(): void | Promise<void> {}

  /**
   * A client connects; `args` are the values that followed connect()'s command object. `true` accepts, and so does an object, whose
   * members join those of NetConnection.Connect.Success. `false` and a throw reject, the throw with its text. Nothing
   * postpones: client.accept() or client.reject(text) decides later, within `apps.verdictTimeout`.
   */
  onConnect(_client: Client, ..._args: unknown[]): ConnectAnswer {
    return true
  }

  /** An accepted client has left. `failure`: what broke, in words; null after a clean end. */
  onDisconnect(_client: Client, _failure: string | null): void | Promise<void> {}

  /** May it publish? */
  onPublish(_client: Client, _publication: Publication): Answer {
    return true
  }

  onUnpublish(_client: Client, _publication: Publication): void | Promise<void> {}

  /** May it play? The name need not be published. */
  onPlay(_client: Client, _play: Play): Answer {
    return true
  }

  onPlayStop(_client: Client, _play: Play): void | Promise<void> {}

  /** May it have another stream to publish or play in? */
  onCreateStream(_client: Client, _streamId: number): Answer {
    return true
  }

  /** May a player pause, or go on? */
  onPause(_client: Client, _play: Play, _paused: boolean): Answer {
    return true
  }

  /** May a player seek, to so many milliseconds? */
  onSeek(_client: Client, _play: Play, _ms: number): Answer {
    return true
  }

  /** The file of a recording has been closed. `file`: its address within the application, with its ending. */
  onRecorded(_address: string, _file: string): void | Promise<void> {}

  /** A client calls a function. What it returns is the answer, a throw the error that the client gets. */
  onCall(client: Client, name: string, ...args: unknown[]): unknown {
    const call = Object.hasOwn(this.calls, name) ? this.calls[name] : undefined
    if (typeof call !== 'function') throw new AppError('CALL_UNKNOWN', `Method '${name.slice(0, 128)}' not found`)
    return call.call(this.calls, client, ...args)
  }

  get #moved(): AppHome {
    if (!this.#home) throw new AppError('APP_HOMELESS', 'an application knows its server from onStart on, not before')
    return this.#home
  }
}

export type AppClass = new () => App
