import type { Apps } from '../apps/apps.ts'
import type { Client } from '../hub/client.ts'
import type { PublicationFacts } from '../hub/facts.ts'
import type { Hub } from '../hub/hub.ts'
import type { Judge, Witness } from '../hub/judge.ts'
import type { Listener } from '../hub/listener.ts'
import type { Publication } from '../hub/publication.ts'
import type { ClassApps } from './class-apps.ts'

/**
 * Classes and scripts under one roof: a path that has a class is the class's, with everything below it, every other one
 * is the scripts'. Neither is told of the other's clients and streams.
 */
export class SideBySide implements Apps {
  readonly judge: Judge
  readonly witness: Witness
  readonly #classes: ClassApps
  readonly #scripts: Apps

  /** `isClass`: is the application at this path a class? */
  constructor(classes: ClassApps, scripts: Apps, isClass: (path: string) => boolean) {
    this.#classes = classes
    this.#scripts = scripts
    const of = (path: string): Apps => (isClass(path) ? classes : scripts)
    this.judge = judgeOf(classes, scripts, of)
    this.witness = witnessOf(of)
  }

  attach(hub: Hub): void {
    this.#classes.attach(hub)
    this.#scripts.attach(hub)
  }

  serverBans(): readonly string[] {
    return this.#scripts.serverBans()
  }

  async start(): Promise<void> {
    await this.#classes.start()
    await this.#scripts.start()
  }

  async stop(): Promise<void> {
    await Promise.all([this.#classes.stop(), this.#scripts.stop()])
  }
}

function judgeOf(classes: Apps, scripts: Apps, of: (path: string) => Apps): Judge {
  return {
    locate(path) {
      const place = classes.judge.locate(path)
      return place.found ? place : scripts.judge.locate(path)
    },
    handshake: (client, answer) => of(client.app).judge.handshake(client, answer),
    connect: (client, answer) => of(client.app).judge.connect(client, answer),
    publish: (client, publication, answer) => of(client.app).judge.publish(client, publication, answer),
    conflict: (client, publication, answer) => of(client.app).judge.conflict(client, publication, answer),
    subscribe: (client, listener, answer) => of(client.app).judge.subscribe(client, listener, answer),
    permit: (client, request, answer) => of(client.app).judge.permit(client, request, answer),
    call: (client, name, args, silent, answer) => of(client.app).judge.call(client, name, args, silent, answer),
  }
}

function witnessOf(of: (path: string) => Apps): Witness {
  const client = (each: Client): Witness => of(each.app).witness
  const publication = (each: Publication): Witness => of(each.app).witness
  const listener = (each: Listener): Witness => of(each.client.app).witness
  return {
    clientKnown: who => client(who).clientKnown(who),
    clientJoined: who => client(who).clientJoined(who),
    clientRejected: (who, text) => client(who).clientRejected(who, text),
    clientFailed: (who, failure) => client(who).clientFailed(who, failure),
    clientLeft: who => client(who).clientLeft(who),
    publicationChanged: what => publication(what).publicationChanged(what),
    publicationRemoved: what => publication(what).publicationRemoved(what),
    published: (who, what) => publication(what).published(who, what),
    unpublished: (who, what, generation) => publication(what).unpublished(who, what, generation),
    listenerKnown: what => listener(what).listenerKnown(what),
    listenerJoined: what => listener(what).listenerJoined(what),
    listenerLeft: (what, joined) => listener(what).listenerLeft(what, joined),
    metadataChanged: what => publication(what).metadataChanged(what),
    codecsChanged: what => publication(what).codecsChanged(what),
    recorded: (facts: PublicationFacts, file) => of(facts.app).witness.recorded(facts, file),
  }
}
