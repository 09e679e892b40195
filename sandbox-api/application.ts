import { classes } from './classes.ts'
import { sealClass } from './collection.ts'
import type { NetConnection } from './net/net-connection.ts'
import { registerProxy } from './net/proxies.ts'
import { freeze, textSlice } from './primordials.ts'

/** This application, as its script sees it. */
export class Application {
  readonly #path: string
  readonly #config: Record<string, string | boolean>

  constructor(path: string, config: Record<string, string | boolean>) {
    this.#path = path
    this.#config = config
    freeze(this)
  }

  /** "chat" for /chat; "" for the root. */
  get name(): string {
    return textSlice(this.#path, 1)
  }

  get path(): string {
    return this.#path
  }

  get config(): Record<string, string | boolean> {
    return this.#config
  }

  /** AMF objects of that class name become instances of the class, and the other way round (R29); null forgets it. */
  registerClass(name: string, Class: (new () => object) | null): void {
    classes.register(name, Class)
  }

  /** Calls of that name that nothing here answers are passed on to the connection's server (R30); null ends it. */
  registerProxy(name: string, connection: NetConnection | null): void {
    registerProxy(name, connection)
  }

  get [Symbol.toStringTag](): string {
    return 'Application'
  }
}
sealClass(Application)
