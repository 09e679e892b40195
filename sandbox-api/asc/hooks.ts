import { decode } from '../amf.ts'
import type { Engine } from '../engine.ts'
import { adobesHandlers, type HookName } from '../hook-names.ts'
import { Hooks } from '../hooks.ts'
import { list, prepend, reflectApply } from '../primordials.ts'
import { type Publication, publicationStateOf } from '../publication.ts'
import type { Script } from '../stage.ts'
import type { Arrivals } from './arrivals.ts'
import { ascStateOf } from './client.ts'

/** All that a script may define by and by: the media process asks for them, and hears that one is not there. */
const names = [
  'onStart',
  'onStop',
  'onConnection',
  'onConnectionAccepted',
  'onConnectionRejected',
  'onDisconnection',
  'onPublish',
  'onUnpublish',
  'onStatus',
  'calls',
]

type Callable = (...values: unknown[]) => unknown

/** The handlers that a script has put on `application`, as the hooks they are; looked up whenever they are needed. */
export class AscHooks extends Hooks {
  #application: object = {}
  #arrivals!: Arrivals
  #engine!: Engine
  /** What onPublish and onUnpublish are told of. */
  #streamOf: (publication: Publication) => object = publication => publication

  over(application: object, arrivals: Arrivals, engine: Engine, streamOf: (publication: Publication) => object): void {
    this.#application = application
    this.#arrivals = arrivals
    this.#engine = engine
    this.#streamOf = streamOf
  }

  override install(): string[] {
    return names
  }

  override get(name: HookName): Script | undefined {
    const handler = adobesHandlers[name]
    if (handler === undefined) return undefined
    const script = (this.#application as Record<string, unknown>)[handler]
    if (typeof script !== 'function') return undefined
    return this.#adapted(name, script as Callable) as Script
  }

  #adapted(name: HookName, script: Callable): Callable {
    const application = this.#application
    switch (name) {
      case 'onStart':
        return () => reflectApply(script, application, [])
      case 'onConnection':
        return (client, ...values) => this.#arrivals.connect(application, script as Script, client as object, values)
      case 'onConnectionAccepted':
      case 'onConnectionRejected':
        return client => reflectApply(script, application, prepend(client, this.#connectValues(client as object)))
      case 'onPublish':
      case 'onUnpublish':
        // Whatever it returns, Adobe's server publishes.
        return (client, publication) => {
          reflectApply(script, application, [client, this.#streamOf(publication as Publication)])
        }
      default:
        return (...values) => reflectApply(script, application, values)
    }
  }

  /** What followed connect()'s command object. */
  #connectValues(client: object): unknown[] {
    try {
      return decode(ascStateOf(client).facts.args)
    } catch (error) {
      this.#engine.fault('connect', error)
      return list()
    }
  }
}

/** The name under which clients of the instance know a publication. */
export function streamNameOf(publication: Publication): string {
  return publicationStateOf(publication).facts.address
}
