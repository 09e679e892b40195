import { applicationConfig } from '../application-config.ts'
import type { Engine } from '../engine.ts'
import { textGiven } from '../given.ts'
import type { GlassSetup, Load } from '../glass.ts'
import { installCommon } from '../globals.ts'
import type { Mirrors } from '../mirrors.ts'
import { shelfOf } from '../net/net-connection.ts'
import { defineProperty, ErrorClass, list } from '../primordials.ts'
import { sharedObjectFunctions } from '../shared-objects.ts'
import { callerPlace } from '../stack.ts'
import type { Streams } from '../streams.ts'
import type { Timers } from '../timers.ts'
import { Application } from './application.ts'
import { Arrivals } from './arrivals.ts'
import { ClientClass } from './client.ts'
import { type AscHooks, streamNameOf } from './hooks.ts'
import { ascTimers } from './intervals.ts'
import { loadVarsClass } from './load-vars.ts'
import { netConnectionClass } from './net-connection.ts'
import { NetStream } from './net-stream.ts'
import { xmlClass } from './xml.ts'
import { XMLNode } from './xml-node.ts'

/** Adobe's dialect in one isolate: the world that main.asc finds. */
export class Dialect {
  #loads = list<Load>()
  #begun = false

  constructor(setup: GlassSetup, engine: Engine, mirrors: Mirrors, timers: Timers, streams: Streams, hooks: AscHooks) {
    installCommon(setup, engine, timers)
    const arrivals = new Arrivals(engine)
    const config = applicationConfig(setup.config, engine)
    const shared = sharedObjectFunctions(engine, mirrors.shared, shelfOf)
    const application = new Application({ engine, mirrors, arrivals, setup, config, streams, shared })
    hooks.over(application, arrivals, engine, publication => streams.shown(streamNameOf(publication)))
    // Everything may be replaced: scripts of old begin with names that the server has long had something behind.
    const globals = {
      application,
      Client: ClientClass,
      SharedObject: shared,
      Stream: streams.global(),
      NetConnection: netConnectionClass(engine),
      NetStream,
      LoadVars: loadVarsClass(engine),
      XML: xmlClass(engine),
      XMLNode,
      load: (name: unknown) => this.#load(name),
      ...ascTimers(engine, timers),
    }
    for (const [name, value] of Object.entries(globals)) {
      defineProperty(globalThis, name, { value, writable: true, configurable: true })
    }
  }

  /** What is to be loaded next. */
  loads(): Load[] {
    const loads = this.#loads
    this.#loads = list()
    return Array.from(loads)
  }

  begun(): void {
    this.#begun = true
  }

  #load(given: unknown): void {
    const name = textGiven(given, 'load: the file')
    if (this.#begun) {
      throw new ErrorClass(`load: ${name} would come too late, files are loaded before the application starts`)
    }
    const { file, line } = callerPlace()
    this.#loads[this.#loads.length] = { name, place: { file, line } }
  }
}
