import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { appPathOf, Catalog, defaultInstance, isAdobes, mainFiles } from '../apps/catalog.ts'
import { setupOf } from '../apps/setups.ts'
import type { AppSetup } from '../apps/wire.ts'
import { ConfigError } from '../base/errors.ts'
import { typed } from '../base/typed.ts'
import type { Config } from '../config/config.ts'

/** The applications of a folder as they are at this moment: read once, in the way the watcher of a server reads them. */
export function readCatalog(www: string, config: Pick<Config, 'app'>): Catalog {
  const catalog = new Catalog({
    enabled: path => config.app(path).enabled,
    acceptsUnknown: () => false,
    inUse: () => false,
  })
  gather(www, '', catalog)
  return catalog
}

function gather(www: string, folder: string, catalog: Catalog): void {
  const path = appPathOf(folder)
  if (path === null) return
  catalog.addFolder(path)
  for (const entry of readdirSync(join(www, folder), { withFileTypes: true })) {
    if (entry.isDirectory()) gather(www, folder === '' ? entry.name : `${folder}/${entry.name}`, catalog)
    else if (entry.isFile() && (mainFiles as readonly string[]).includes(entry.name)) catalog.addMain(path, entry.name)
  }
}

/**
 * The path of the application that somebody means by `chat`, `/chat`, `chat/` or `/` for the root. Throws a ConfigError that
 * names those there are.
 */
export function appNamed(name: string, catalog: Catalog): string {
  const path = `/${name}`.replace(/\/+/g, '/').replace(/\/$/, '')
  if (catalog.mainOf(path) !== undefined) return path
  const known = catalog.withMain().map(each => each || '/')
  throw new ConfigError(
    'UNKNOWN_APP',
    `there is no application ${path || '/'}`,
    known.length > 0
      ? `Name one of ${known.join(', ')}, or make it: ${typed(`new ${path.slice(1)}`)}`
      : `Make it with ${typed(`new ${path.slice(1)}`)}, or name another folder with --www DIR.`,
  )
}

/** What a host needs to raise the application: of a main.asc its usual instance. */
export function setupNamed(
  path: string,
  catalog: Catalog,
  options: { readonly config: Config; readonly version: string },
): AppSetup {
  const isInstance = isAdobes(catalog.mainOf(path))
  // What is only tried has nothing to be replayed.
  return { ...setupOf(isInstance ? `${path}/${defaultInstance}` : path, catalog, options)!, journal: null }
}
