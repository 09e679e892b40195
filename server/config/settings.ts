import { ConfigError } from '../base/errors.ts'
import type { IniEntry } from './ini-file.ts'

/** A value as somebody wrote it, and where, so that an error can lead back there. */
export interface Setting {
  readonly value: string | boolean
  /** `CumulusServer.ini:12` or `--set rtmp.port=0`. */
  readonly where: string
  /** Where a relative folder starts from. */
  readonly folder: string
}

/** What files and arguments say, before anybody asks what it means. Later layers win over earlier ones. */
export class Settings {
  readonly #sections = new Map<string, Map<string, Setting>>()

  addEntries(entries: readonly IniEntry[], file: string, folder: string): void {
    for (const { section, key, value, line } of entries) {
      const where = `${file}:${line}`
      this.add(canonical(section, where), key, { value, where, folder })
    }
  }

  /** `--set SECTION.KEY=VALUE`: split at the first `=`, the key is what follows the last dot before it. */
  addArgument(argument: string, folder: string): void {
    const where = `--set ${argument}`
    const equals = argument.indexOf('=')
    const dot = argument.lastIndexOf('.', equals)
    if (dot < 1 || dot >= equals - 1) {
      throw new ConfigError('CONFIG_SYNTAX', `${where}: expected SECTION.KEY=VALUE, as in --set rtmp.port=1936`)
    }
    const text = argument.slice(equals + 1)
    const value = text === 'true' ? true : text === 'false' ? false : text
    this.add(canonical(argument.slice(0, dot), where), argument.slice(dot + 1, equals), { value, where, folder })
  }

  add(section: string, key: string, setting: Setting): void {
    const keys = this.#sections.get(section) ?? new Map<string, Setting>()
    this.#sections.set(section, keys.set(key, setting))
  }

  get(section: string, key: string): Setting | undefined {
    return this.#sections.get(section)?.get(key)
  }

  sections(): Iterable<string> {
    return this.#sections.keys()
  }

  section(name: string): ReadonlyMap<string, Setting> {
    return this.#sections.get(name) ?? new Map()
  }
}

/** The name of the section of the application at `path` ("" for the root). */
export function appSection(path: string): string {
  return `app:${path || '/'}`
}

/** The application's path ("" for the root) that a section is about. */
export function appPath(section: string): string {
  return section.slice('app:'.length).replace(/\/+$/, '')
}

/** `[app:/chat/]` and `[app:/chat]` are one section. */
function canonical(section: string, where: string): string {
  if (!section.startsWith('app:')) return section
  if (section.startsWith('app:/')) return appSection(appPath(section))
  throw new ConfigError(
    'CONFIG_SYNTAX',
    `${where}: [${section}]: expected the application's path with its /, as in [app:/chat]`,
  )
}
