import { chmod, mkdir, open, readFile, realpath, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { ConfigError } from '../base/errors.ts'
import { changeIni } from './ini-change.ts'
import { readIni } from './ini-file.ts'

/** Bytes an ini file may grow to by what scripts write into it. */
const fileBytesMax = 1024 * 1024

/** Writes single values into a configuration file, one after another, so that a crash leaves the old file or the new. */
export class OwnSections {
  readonly #file: string
  #work: Promise<unknown> = Promise.resolve()

  /** `file` need not be there. */
  constructor(file: string) {
    this.#file = file
  }

  get file(): string {
    return this.#file
  }

  /** Fulfilled when the disk has it. */
  write(isSection: (name: string) => boolean, section: string, key: string, value: string): Promise<void> {
    const writing = this.#work.then(() => this.#write(isSection, section, key, value))
    this.#work = writing.catch(() => {})
    return writing
  }

  async #write(isSection: (name: string) => boolean, section: string, key: string, value: string): Promise<void> {
    // Through a symbolic link to the file it leads to: the link stays.
    const file = await realpath(this.#file).catch(() => this.#file)
    const mode = await stat(file).then(
      found => found.mode & 0o777,
      () => 0o600,
    )
    const source = await readFile(file, 'utf8').catch(missing)
    const text = changeIni(source, isSection, section, key, value)
    const back = readIni(text, file).find(entry => isSection(entry.section) && entry.key === key)
    if (String(back?.value) !== value)
      throw new ConfigError('CONFIG_VALUE', `${key}: an ini file cannot hold that value`)
    if (Buffer.byteLength(text) > fileBytesMax) {
      throw new ConfigError('CONFIG_VALUE', `${key}: ${file} would be larger than ${fileBytesMax} bytes`)
    }
    await mkdir(dirname(file), { recursive: true })
    await replace(file, text, mode)
  }
}

function missing(error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT') return ''
  throw error
}

async function replace(file: string, text: string, mode: number): Promise<void> {
  const made = `${file}.${process.pid}.new`
  try {
    const handle = await open(made, 'w', mode)
    try {
      await handle.writeFile(text)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await chmod(made, mode)
    await rename(made, file)
  } catch (error) {
    await rm(made, { force: true })
    throw error
  }
}
