import { Application } from './application.ts'
import { applicationConfig } from './application-config.ts'
import { CapabilityError } from './capabilities.ts'
import { createConsole } from './console.ts'
import { Crypto } from './crypto/crypto.ts'
import { Random } from './crypto/random.ts'
import type { Engine } from './engine.ts'
import type { GlassSetup } from './glass.ts'
import { Logger } from './logger.ts'
import type { Mirrors } from './mirrors.ts'
import { named, namedClass } from './named.ts'
import { NetConnection, shelfOf } from './net/net-connection.ts'
import { NetStream } from './net/net-stream.ts'
import { QuotaError } from './outside/quota-error.ts'
import { defineProperty, freeze, getOwnPropertyDescriptor } from './primordials.ts'
import { Server } from './server.ts'
import { sharedObjectFunctions } from './shared-objects.ts'
import type { Streams } from './streams.ts'
import { timerFunctions } from './timer-functions.ts'
import type { Timers } from './timers.ts'
import { AbortController, AbortSignal, setAbortTimer } from './web/abort.ts'
import { atob, btoa } from './web/base64.ts'
import { DomException } from './web/dom-exception.ts'
import { Headers } from './web/headers.ts'
import { Request } from './web/request.ts'
import { Response } from './web/response.ts'
import { structuredClone } from './web/structured-clone.ts'
import { TextDecoder, TextEncoder } from './web/text-coding.ts'
import { URL } from './web/url.ts'
import { URLSearchParams } from './web/url-search-params.ts'

/** What a bare isolate has and an application must not: they run code or wait outside any turn's time limit. */
const withheld = ['SharedArrayBuffer', 'Atomics', 'WebAssembly', 'FinalizationRegistry']

/** Gives the application its world. What the engine puts there stays; the rest is as replaceable as anywhere. */
export function installGlobals(
  setup: GlassSetup,
  engine: Engine,
  mirrors: Mirrors,
  timers: Timers,
  streams: Streams,
): void {
  const crypto = installCommon(setup, engine, timers)
  const server = new Server(engine, mirrors, setup, crypto)
  const { clients, publications, groups, rooms, servers, storage } = server
  const applications = mirrors.applications.shelf.view
  const application = new Application(setup.path, applicationConfig(setup.config, engine))
  const SharedObject = sharedObjectFunctions(engine, mirrors.shared, shelfOf)
  for (const [name, value] of Object.entries({
    server,
    clients,
    publications,
    groups,
    rooms,
    servers,
    application,
    applications,
    storage,
  })) {
    defineProperty(globalThis, name, { value, enumerable: true })
  }
  for (const [name, value] of Object.entries({ SharedObject, Stream: streams.global(), NetConnection, NetStream })) {
    defineProperty(globalThis, name, { value, writable: true, configurable: true })
  }
}

/** What scripts of every dialect find, all of it replaceable. */
export function installCommon(setup: GlassSetup, engine: Engine, timers: Timers): Crypto {
  for (const name of withheld) Reflect.deleteProperty(globalThis, name)
  // V8 does not let this one be deleted; the engine has its own hold on the function.
  Reflect.set(globalThis, 'gc', undefined)
  const crypto = new Crypto(new Random(setup.seed))
  const logger = new Logger(engine.outbox)
  const performance = freeze({ now: () => engine.clock.now() })
  const timing = timerFunctions(engine, timers)
  setAbortTimer((ms, run) => void timing.setTimeout(run, ms))
  const web = {
    ...logger.functions(),
    ...timing,
    console: createConsole(logger, engine.clock),
    performance,
    crypto,
    structuredClone: named('structuredClone', structuredClone),
    TextEncoder,
    TextDecoder,
    URL,
    URLSearchParams,
    AbortController,
    AbortSignal,
    DOMException: DomException,
    CapabilityError,
    QuotaError,
    Headers,
    Request,
    Response,
    fetch: named('fetch', engine.outside.fetch),
    atob: named('atob', atob),
    btoa: named('btoa', btoa),
  }
  for (const [name, value] of Object.entries(web)) {
    // A function's prototype could be replaced, a class's cannot.
    const isClass = typeof value === 'function' && getOwnPropertyDescriptor(value, 'prototype')?.writable === false
    const shown = isClass ? namedClass(name, value as new () => object) : value
    defineProperty(globalThis, name, { value: shown, writable: true, configurable: true })
  }
  return crypto
}
