import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { appPathOf } from '../apps/catalog.ts'
import { ConfigError, messageOf } from '../base/errors.ts'
import { typed } from '../base/typed.ts'

export interface NewAppOptions {
  /** As its author named it: `chat`, `/chat`, `shows/quiz`. */
  readonly name: string
  readonly template: string
  readonly www: string
  /** The folder of this package: templates and types stand there. */
  readonly home: string
}

/** What a folder of an application may be called, so that every URL and every system can say it. */
const folderName = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/

/** Makes the folder of an application from a template; gives the files made. Nothing that is there is written over. */
export function newApp({ name, template, www, home }: NewAppOptions): string[] {
  const folder = name.replace(/^\/+|\/+$/g, '')
  const isGood = folder.split('/').every(part => folderName.test(part)) && appPathOf(folder) !== null
  if (!isGood) {
    throw new ConfigError(
      'APP_NAME',
      `an application cannot be called ${JSON.stringify(name)}`,
      `Use letters, digits, - and _, with / between folders: ${typed('new shows/quiz')}. "lib" is for what applications share.`,
    )
  }
  const models = join(home, 'templates')
  const known = readdirSync(models).sort()
  if (!known.includes(template)) {
    throw new ConfigError('TEMPLATE_UNKNOWN', `there is no template ${template}`, `Name one of ${known.join(', ')}.`)
  }
  const target = join(www, folder)
  if (existsSync(target) && readdirSync(target).some(file => /^main\./.test(file))) {
    throw new ConfigError('APP_EXISTS', `/${folder} is there already`, 'Choose another name; nothing was written.')
  }
  const made: string[] = []
  for (const file of readdirSync(join(models, template)).sort()) {
    const text = readFileSync(join(models, template, file), 'utf8').replaceAll('__APP__', folder)
    make(join(target, file), text, made)
  }
  const project = join(www, 'jsconfig.json')
  if (!existsSync(project) && !existsSync(join(www, 'tsconfig.json'))) make(project, projectText(www, home), made)
  return made
}

function make(path: string, text: string, made: string[]): void {
  try {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text, { flag: 'wx' })
  } catch (error) {
    throw new ConfigError(
      'APP_WRITE',
      `${path} cannot be made: ${messageOf(error)}`,
      'Name a folder that you may write to with --www DIR.',
    )
  }
  made.push(path)
}

/** What editors need to complete the names of the sandbox: the packaged one, with the way to the types from here. */
function projectText(www: string, home: string): string {
  const types = relative(www, join(home, 'sandbox-api')).split(sep).join('/')
  return readFileSync(join(home, 'www/jsconfig.json'), 'utf8').replaceAll('../sandbox-api', types)
}
