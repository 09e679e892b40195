import { hostname } from 'node:os'
import { basename, join } from 'node:path'
import { allows } from '../base/capability.ts'
import type { Config } from '../config/config.ts'
import { type Catalog, instanceName, isAdobes } from './catalog.ts'
import type { AppSetup } from './wire.ts'

/** What a host needs to raise the application at `path`; null when it has no main file of its own. */
export function setupOf(
  path: string,
  catalog: Catalog,
  { config, version }: { readonly config: Config; readonly version: string },
): AppSetup | null {
  const home = catalog.homeOf(path)
  const main = catalog.mainOf(home)
  // The folder of a main.asc has instances in its place.
  if (main === undefined || isAdobes(main) === (home === path)) return null
  const { www } = config.apps
  const { allow, memory, timeout, verdictTimeout, timers, pendingCalls, rollback, options, ...rest } = config.app(home)
  const { sockets, socketBytes, fetchTimeout, fetchBytes, storage, journal, journalBytes } = rest
  const smtp = allows(allow, { kind: 'mail' }) ? { ...config.smtp } : null
  return {
    path,
    home,
    instance: isAdobes(main) ? instanceName(path, home) : null,
    folder: join(www, home),
    libFolder: join(www, 'lib'),
    wwwFolder: www,
    main,
    limits: { memory, timeout, verdictTimeout, timers, pendingCalls, rollback },
    allow,
    configFile: basename(config.file),
    config: { ...options },
    outside: { data: config.apps.data, sockets, socketBytes, fetchTimeout, fetchBytes, storage, smtp },
    journal: journal ? { bytes: journalBytes } : null,
    server: {
      configs: config.visible(),
      publicAddress: config.server.publicAddress,
      hostname: hostname(),
      version,
      platform: process.platform,
    },
  }
}
