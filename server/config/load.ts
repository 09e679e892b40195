import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { ConfigError, messageOf } from '../base/errors.ts'
import { CheckedConfig } from './checked-config.ts'
import { readIni } from './ini-file.ts'
import { packageFolder } from './own-package.ts'
import { Settings } from './settings.ts'

export const iniName = 'CumulusServer.ini'

/** What the command line may say about the configuration. */
export interface ConfigArguments {
  /** The only file to read. */
  readonly config?: string | undefined
  readonly www?: string | undefined
  readonly data?: string | undefined
  /** The level of the log. */
  readonly log?: string | undefined
  /** SECTION.KEY=VALUE each; they win over the files, later ones over earlier ones. */
  readonly set?: readonly string[] | undefined
}

/** Where to look; the machine's own places unless a test says otherwise. */
export interface Places {
  readonly workingFolder: string
  /** Searched after the working folder, in this order. */
  readonly systemFolders: readonly string[]
  /** Holds the CumulusServer.ini and the www of last resort. */
  readonly packageFolder: string
}

/** Reads the first there is of --config, ./, /usr/local/etc, /etc and the package. Throws ConfigError. */
export function loadConfig(given: ConfigArguments, places: Places = ownPlaces()): CheckedConfig {
  const { file, packaged } = findFile(given, places)
  const settings = layer([file], given, places)
  const own = join(dataFolder(settings, places), iniName)
  if (!packaged) return check(settings, file, places)
  if (!existsSync(own)) return check(settings, file, places, own)
  // What the server wrote for itself stands over the packaged file, under the arguments.
  return check(layer([file, own], given, places), own, places)
}

/** What a program says in place of a file; `name` stands for the file in errors. Throws ConfigError. */
export function checkSettings(settings: Settings, name: string, places: Places = ownPlaces()): CheckedConfig {
  return check(settings, name, places, join(dataFolder(settings, places), iniName))
}

function ownPlaces(): Places {
  return { workingFolder: process.cwd(), systemFolders: ['/usr/local/etc', '/etc'], packageFolder: packageFolder() }
}

function findFile(given: ConfigArguments, places: Places): { file: string; packaged: boolean } {
  if (given.config !== undefined) return { file: resolve(places.workingFolder, given.config), packaged: false }
  const chosen = [places.workingFolder, ...places.systemFolders].map(at => join(at, iniName)).find(existsSync)
  return chosen ? { file: chosen, packaged: false } : { file: join(places.packageFolder, iniName), packaged: true }
}

function layer(files: readonly string[], given: ConfigArguments, places: Places): Settings {
  const settings = new Settings()
  for (const file of files) settings.addEntries(readIni(readText(file), file), file, dirname(file))
  const folder = places.workingFolder
  for (const argument of given.set ?? []) settings.addArgument(argument, folder)
  const { www, data, log } = given
  if (www !== undefined) settings.add('apps', 'www', { value: www, where: `--www ${www}`, folder })
  if (data !== undefined) settings.add('apps', 'data', { value: data, where: `--data ${data}`, folder })
  if (log !== undefined) settings.add('log', 'level', { value: log, where: `--log ${log}`, folder })
  return settings
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new ConfigError(
      'CONFIG_UNREADABLE',
      `the configuration cannot be read: ${messageOf(error)}`,
      'Name a file that can be read with --config FILE.',
    )
  }
}

function check(settings: Settings, file: string, places: Places, writable = file): CheckedConfig {
  const data = dataFolder(settings, places)
  const streams = chosenFolder(settings, 'recording', 'folder')?.path ?? join(data, 'streams')
  const folders = { www: wwwFolder(settings, places), data, streams }
  return new CheckedConfig(settings, file, folders, writable)
}

/** Where it really is: the folder itself may be a symbolic link to the release that serves, what is below it never. */
function wwwFolder(settings: Settings, places: Places): string {
  const chosen = chosenFolder(settings, 'apps', 'www')
  const beside = join(places.workingFolder, 'www')
  if (!chosen) return realpathSync(isFolder(beside) ? beside : join(places.packageFolder, 'www'))
  if (isFolder(chosen.path)) return realpathSync(chosen.path)
  throw new ConfigError(
    'WWW_NOT_FOUND',
    `${chosen.where}: there is no folder ${chosen.path}`,
    'Name the folder that holds your applications with --www DIR.',
  )
}

function dataFolder(settings: Settings, places: Places): string {
  return chosenFolder(settings, 'apps', 'data')?.path ?? join(places.workingFolder, 'data')
}

function chosenFolder(settings: Settings, section: string, key: string): { path: string; where: string } | undefined {
  const setting = settings.get(section, key)
  if (!setting || setting.value === '') return undefined
  return { path: resolve(setting.folder, String(setting.value)), where: setting.where }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
}
