import type { Hub } from '../hub/hub.ts'
import type { Judge, Witness } from '../hub/judge.ts'
import { forkHosts } from './forked-host.ts'
import { House, type HouseOptions } from './house.ts'
import type { InspectorServer } from './inspector/inspector-server.ts'
import type { Operator } from './operator.ts'
import { Watcher } from './watcher.ts'

/** What the applications need of the server. */
export type AppsOptions = Omit<HouseOptions, 'raise' | 'defer'>

/**
 * The applications, as the rest of the server knows them. In order: give `judge` and `witness` to the hub, attach() the
 * hub, start() before the first client comes, stop() when the last one has gone.
 */
export interface Apps {
  readonly judge: Judge
  readonly witness: Witness
  /** For the admin socket; who keeps applications of another kind has none. */
  readonly operator?: Operator
  attach(hub: Hub): void
  /** What the root application keeps out by now. */
  serverBans(): readonly string[]
  /** Resolves when the folders are known and the root application is up, or is known not to be. */
  start(): Promise<void>
  /** onStop of children before their parents', within two seconds in all; then the hosts end. */
  stop(): Promise<void>
}

export function createApps(options: AppsOptions): Apps {
  const { config, log, clock, version } = options
  const defer = (run: () => void): void => void setImmediate(run)
  const house = new House({ ...options, raise: forkHosts(log), defer })
  const watcher = new Watcher({
    www: config.apps.www,
    catalog: house.catalog,
    gatherMs: config.apps.reloadGatherMs,
    clock,
    log,
    changed: changes => house.saved(changes),
  })
  let inspector: InspectorServer | undefined
  return {
    judge: house.router,
    witness: house.router,
    operator: house.operator,
    attach: hub => house.attach(hub),
    serverBans: () => house.serverBans,
    async start() {
      const { inspector: port, inspectorInterface: address } = config.apps
      if (port !== null) {
        const { InspectorServer } = await import('./inspector/inspector-server.ts')
        inspector = new InspectorServer({ desk: house.inspector, port, address, version, log })
        await inspector.listen()
      }
      await watcher.start()
      await new Promise<void>(up => house.start(up))
    },
    async stop() {
      await inspector?.close()
      await watcher.stop()
      await house.stop()
    },
  }
}
