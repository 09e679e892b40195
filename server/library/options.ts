import { ConfigError } from '../base/errors.ts'
import { type Log, silentLog } from '../base/log.ts'
import { createLog } from '../base/pino-log.ts'
import type { CheckedConfig } from '../config/checked-config.ts'
import type { LogLevelName } from '../config/config.ts'
import type { appKeys, keys } from '../config/keys.ts'
import { checkSettings } from '../config/load.ts'
import { Settings } from '../config/settings.ts'

/** As in the file: times and sizes may have units (`'10 s'`, `'8 MiB'`), lists are separated by commas or arrays. */
export type OptionValue = string | number | boolean | readonly string[] | undefined

/** The keys of one section of CumulusServer.ini, where each is explained. */
export type SectionOptions<Key extends string> = { readonly [Name in Key]?: OptionValue }

type KeysOf<Section extends keyof typeof keys> =
  | Extract<keyof (typeof keys)[Section], string>
  | (Section extends 'apps' ? AppKey : never)

type AppKey = Extract<keyof typeof appKeys, string>

/** Every section with its keys, as in the file. */
export type SectionsOptions = {
  readonly [Section in keyof typeof keys as Section extends 'log' ? never : Section]?:
    | SectionOptions<KeysOf<Section>>
    | undefined
}

export interface CumulusServerOptions extends SectionsOptions {
  /** TCP port of RTMP; 0 takes any free one. Default 1935. The same as `rtmp: { port }`. */
  readonly port?: number | undefined
  /** Address to listen on; by default all. The same as `rtmp: { interface }`. */
  readonly interface?: string | undefined
  /** Folder for what the server keeps: recordings, stored shared objects. Default `data` in the working folder. */
  readonly data?: string | undefined
  /** Folder of applications that are scripts, to be served beside the classes. By default there are none. */
  readonly www?: string | undefined
  /** Where lines go: a Log of yours, or the least level for standard output. By default nowhere. */
  readonly log?: Log | LogLevelName | undefined
  /** One application's own: `'app:/live': { verdictTimeout: '2 s' }`. Keys that nobody knows are a script's. */
  readonly [section: `app:/${string}`]: Readonly<Record<string, OptionValue>>
}

/** What stands at the top and not in a section: the section and key it means. */
const short = new Map([
  ['port', ['rtmp', 'port']],
  ['interface', ['rtmp', 'interface']],
  ['data', ['apps', 'data']],
  ['www', ['apps', 'www']],
] as const)

/** Reads options as CumulusServer.ini is read: the same keys, bounds and errors. Throws a ConfigError. */
export function readOptions(options: CumulusServerOptions): { config: CheckedConfig; log: Log } {
  const settings = new Settings()
  const folder = process.cwd()
  const add = (section: string, key: string, given: unknown, name: string): void => {
    if (given === undefined) return
    settings.add(section, key, { value: settingOf(given, name), where: `option ${name}`, folder })
  }
  for (const [name, given] of Object.entries(options)) {
    if (name === 'log' || given === undefined) continue
    const [section, key] = short.get(name as 'port') ?? []
    if (section !== undefined && key !== undefined) add(section, key, given, name)
    else if (typeof given === 'object' && given !== null && !Array.isArray(given)) {
      for (const [each, value] of Object.entries(given)) add(name, each, value, `${name}.${each}`)
    } else throw unknown(name)
  }
  const config = checkSettings(settings, 'options')
  const [free] = config.freeSections
  if (free !== undefined && options.www === undefined) throw unknown(free)
  return { config, log: logOf(options.log) }
}

function settingOf(given: unknown, name: string): string | boolean {
  if (typeof given === 'string' || typeof given === 'boolean') return given
  if (typeof given === 'number') return String(given)
  if (Array.isArray(given) && given.every(word => typeof word === 'string')) return given.join(', ')
  throw new ConfigError('CONFIG_VALUE', `option ${name}: expected a text, a number, true, false or an array of texts`)
}

function unknown(name: string): ConfigError {
  return new ConfigError(
    'CONFIG_UNKNOWN_KEY',
    `option ${name}: there is no such option or section`,
    `There are ${[...short.keys(), 'log'].join(', ')}, and the sections of CumulusServer.ini.`,
  )
}

function logOf(log: Log | LogLevelName | undefined): Log {
  if (log === undefined) return silentLog
  if (typeof log === 'object') return log
  return createLog({ level: log, format: 'pretty' }, { write: line => void process.stdout.write(line) })
}
