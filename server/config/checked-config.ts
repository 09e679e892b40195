import { dirname, resolve } from 'node:path'
import { ConfigError } from '../base/errors.ts'
import type {
  AppConfig,
  AppsConfig,
  Config,
  HttpConfig,
  ListenerConfig,
  PublicationConfig,
  RecordingConfig,
  RelayConfig,
  RtmpConfig,
  RtmpsConfig,
  SharedObjectsConfig,
} from './config.ts'
import { appEnabled, appKeys, keys } from './keys.ts'
import type { Key, ValueOf } from './kinds.ts'
import { OwnSections } from './own-section.ts'
import { processFacts } from './process-facts.ts'
import { isRelayKey, type RelayRule, readRelays } from './relay-rules.ts'
import { appPath, appSection, type Setting, type Settings } from './settings.ts'

type Values<Table> = { readonly [Name in keyof Table]: ValueOf<Table[Name]> }
type Table = Record<string, Key<unknown>>

/** Sections with keys of the server's own; the [app:/…] sections come on top. */
const sections = new Map<string, Map<string, Key<unknown>>>(
  Object.entries({ ...keys, apps: { ...keys.apps, ...appKeys } }).map(([name, table]) => [
    name,
    new Map(Object.entries(table)),
  ]),
)

/** Keys that may hold what only the server may know. */
const secret = /pass|token|secret|key$/i

/** Where the keys that name a folder lead. */
export interface Folders {
  readonly www: string
  readonly data: string
  /** [recording] folder. */
  readonly streams: string
}

/** The configuration made of settings: every known value is checked when it is built, so that nothing fails later. */
export class CheckedConfig implements Config {
  readonly file: string
  readonly server: Config['server']
  readonly rtmp: RtmpConfig
  readonly rtmps: RtmpsConfig
  readonly http: HttpConfig
  readonly listener: ListenerConfig
  readonly publication: PublicationConfig
  readonly relay: RelayConfig
  readonly sharedobjects: SharedObjectsConfig
  readonly recording: RecordingConfig
  readonly apps: AppsConfig
  readonly smtp: Config['smtp']
  readonly log: Config['log']
  /** Sections the server does not know: they belong to the scripts. */
  readonly freeSections: readonly string[]
  readonly #settings: Settings
  readonly #own: OwnSections
  readonly #appDefaults: Values<typeof appKeys>
  /** Those with a section of their own. */
  readonly #apps = new Map<string, AppConfig>()

  /** `writable` takes what scripts write; `folders` are where the keys that name one lead. Throws ConfigError naming file and line. */
  constructor(settings: Settings, file: string, folders: Folders, writable = file) {
    this.#settings = settings
    this.#own = new OwnSections(writable)
    this.file = file
    this.freeSections = checkNames(settings)
    this.server = readSection(settings, 'server', keys.server)
    this.rtmp = readSection(settings, 'rtmp', keys.rtmp)
    this.rtmps = readSection(settings, 'rtmps', keys.rtmps)
    this.http = readSection(settings, 'http', keys.http)
    this.listener = readSection(settings, 'listener', keys.listener)
    this.publication = readSection(settings, 'publication', keys.publication)
    this.relay = { ...readSection(settings, 'relay', keys.relay), rules: rulesOf(settings) }
    this.sharedobjects = readSection(settings, 'sharedobjects', keys.sharedobjects)
    this.recording = { ...readSection(settings, 'recording', keys.recording), folder: folders.streams }
    this.apps = { ...readSection(settings, 'apps', keys.apps), www: folders.www, data: folders.data }
    this.smtp = readSection(settings, 'smtp', keys.smtp)
    this.log = readSection(settings, 'log', keys.log)
    this.#appDefaults = readSection(settings, 'apps', appKeys)
    this.#checkRelations()
    for (const section of settings.sections()) {
      if (!section.startsWith('app:')) continue
      const path = appPath(section)
      this.#apps.set(path, this.#readApp(path))
    }
  }

  app(path: string): AppConfig {
    return this.#apps.get(path) ?? this.#readApp(path)
  }

  async setOption(path: string, key: string, value: string): Promise<string | undefined> {
    const section = appSection(path)
    if (key === 'enabled' || Object.hasOwn(appKeys, key)) {
      throw new ConfigError(
        'CONFIG_VALUE',
        `[${section}] ${key} is the operator's: a script sets only options of its own`,
      )
    }
    const given = this.#settings.get(section, key)
    const isSection = (name: string) => name.startsWith('app:') && appPath(name) === path
    await this.#own.write(isSection, section, key, value)
    if (given?.where.startsWith('--set ')) return `${key} stays '${given.value}' until the next start: ${given.where}`
    const known = value === 'true' ? true : value === 'false' ? false : value
    this.#settings.add(section, key, { value: known, where: this.#own.file, folder: dirname(this.#own.file) })
    this.#apps.set(path, this.#readApp(path))
    return undefined
  }

  visible(): Record<string, unknown> {
    const configs: Record<string, unknown> = processFacts(dirname(this.file))
    for (const name of this.#settings.section('').keys()) this.#show(configs, '', name)
    for (const [section, table] of sections) {
      for (const name of table.keys()) this.#show(branch(configs, [section]), section, name)
    }
    for (const section of this.freeSections) {
      const level = branch(configs, section.split('.'))
      for (const name of this.#settings.section(section).keys()) this.#show(level, section, name)
    }
    return configs
  }

  #show(level: Record<string, unknown>, section: string, name: string): void {
    if (secret.test(name)) return
    if (section === 'apps' && (name === 'www' || name === 'data')) level[name] = this.apps[name]
    else if (section === 'recording' && name === 'folder') level[name] = this.recording.folder
    else {
      const { value = sections.get(section)?.get(name)?.default ?? '' } = this.#settings.get(section, name) ?? {}
      level[name] = value === 'true' ? true : value === 'false' ? false : value
    }
  }

  #readApp(path: string): AppConfig {
    const section = appSection(path)
    const written = this.#settings.section(section)
    const options: Record<string, string | boolean> = {}
    for (const [name, { value }] of written) options[name] = value
    const enabled = written.get('enabled')
    return {
      ...this.#appDefaults,
      ...readWritten(written, section, appKeys),
      enabled: enabled ? readValue(appEnabled, enabled, section, 'enabled') : this.apps.enabled === 'all',
      options,
    }
  }

  /** What keys promise one another. */
  #checkRelations(): void {
    const { keepAliveTimeout, pingInterval, pendingBytes, messageBytes } = this.rtmp
    if (keepAliveTimeout <= pingInterval) this.#refuse('keepAliveTimeout', 'more than', 'pingInterval')
    if (pendingBytes < messageBytes) this.#refuse('pendingBytes', 'at least', 'messageBytes')
    this.#checkDoors()
  }

  #checkDoors(): void {
    const { rtmp, rtmps, http } = this
    const refuse = (section: string, name: string, sentence: string, remedy: string) => {
      const where = this.#settings.get(section, name)?.where ?? this.file
      throw new ConfigError('CONFIG_VALUE', `${where}: [${section}] ${name}: ${sentence}`, remedy)
    }
    if (rtmps.port !== null && (rtmps.certificate === '' || rtmps.key === '')) {
      refuse('rtmps', 'port', 'TLS needs a certificate', 'Name its PEM files with certificate and key.')
    }
    if (rtmp.rtmpt && http.port === null) {
      refuse('rtmp', 'rtmpt', 'there is no HTTP port to serve it on', 'Choose one with port in [http].')
    }
  }

  #refuse(name: keyof RtmpConfig, than: string, other: keyof RtmpConfig): void {
    const { where } = this.#settings.get('rtmp', name) ?? this.#settings.get('rtmp', other) ?? { where: this.file }
    const written = (key: keyof RtmpConfig) => this.#settings.get('rtmp', key)?.value ?? keys.rtmp[key].default
    throw new ConfigError(
      'CONFIG_VALUE',
      `${where}: [rtmp] ${name}: expected ${than} ${other} (${written(other)}), got '${written(name)}'`,
    )
  }
}

/** Refuses unknown keys of known sections; returns the sections nobody here knows. */
function checkNames(settings: Settings): string[] {
  const free: string[] = []
  for (const section of settings.sections()) {
    const table = sections.get(section)
    if (section === '') checkHeadless(settings)
    else if (table) checkKeys(settings, section, table)
    else if (!section.startsWith('app:')) free.push(section)
  }
  return free
}

function checkKeys(settings: Settings, section: string, table: Map<string, Key<unknown>>): void {
  for (const [name, { where }] of settings.section(section)) {
    if (table.has(name) || (section === 'relay' && isRelayKey(name))) continue
    throw new ConfigError(
      'CONFIG_UNKNOWN_KEY',
      `${where}: [${section}] has no key '${name}'`,
      `Its keys are ${[...table.keys()].join(', ')}. Keys of your own go into a section of your own.`,
    )
  }
}

/** A key before the first section is the scripts', unless it is named like one of ours: then its section was forgotten. */
function checkHeadless(settings: Settings): void {
  for (const [name, { where }] of settings.section('')) {
    const [section] = [...sections].find(([, table]) => table.has(name)) ?? []
    if (section === undefined) continue
    throw new ConfigError(
      'CONFIG_UNKNOWN_KEY',
      `${where}: '${name}' stands before any section`,
      `Write it below a line [${section}].`,
    )
  }
}

function readSection<T extends Table>(settings: Settings, section: string, table: T): Values<T> {
  const standard: Record<string, unknown> = {}
  for (const [name, key] of Object.entries(table)) standard[name] = key.parse(key.default)
  return { ...(standard as Values<T>), ...readWritten(settings.section(section), section, table) }
}

function readWritten<T extends Table>(
  written: ReadonlyMap<string, Setting>,
  section: string,
  table: T,
): Partial<Values<T>> {
  const values: Record<string, unknown> = {}
  for (const [name, key] of Object.entries(table)) {
    const setting = written.get(name)
    if (setting) values[name] = readValue(key, setting, section, name)
  }
  return values as Partial<Values<T>>
}

function readValue<Value>(key: Key<Value>, setting: Setting, section: string, name: string): Value {
  const text = String(setting.value)
  const value = key.parse(key.isFile && text !== '' ? resolve(setting.folder, text) : text)
  if (value !== undefined) return value
  const got = key.complaint?.(text) ?? `got '${text}'`
  throw new ConfigError(
    'CONFIG_VALUE',
    `${setting.where}: [${section}] ${name}: expected ${key.expected}, ${key.complaint ? 'but ' : ''}${got}`,
  )
}

/** Of [relay], then of applications. */
function rulesOf(settings: Settings): RelayRule[] {
  const rules = readRelays('relay', settings.section('relay'))
  for (const section of settings.sections()) {
    if (section.startsWith('app:')) rules.push(...readRelays(section, settings.section(section), appPath(section)))
  }
  return rules
}

/** The object at the end of `names`, made on the way; a value that stands there already makes room. */
function branch(root: Record<string, unknown>, names: readonly string[]): Record<string, unknown> {
  let level = root
  for (const name of names) {
    const next = Object.hasOwn(level, name) ? level[name] : undefined
    const deeper: Record<string, unknown> = typeof next === 'object' ? (next as Record<string, unknown>) : {}
    level[name] = deeper
    level = deeper
  }
  return level
}
