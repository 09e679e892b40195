import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** How long a line of the log may be waited for, in milliseconds: long enough for a busy machine, only met by failures. */
const lineMs = 60_000

const entry = fileURLToPath(new URL('../../server/cli/cumulus.ts', import.meta.url))

export interface TestServerOptions {
  /** Files below www/, by path: `{ 'live/main.js': '…' }`; 'packaged' serves the applications that come with the server. */
  readonly www?: Readonly<Record<string, string>> | 'packaged'
  /** SECTION.KEY=VALUE each. */
  readonly set?: readonly string[]
  /** What to run; the sources unless a test says otherwise. */
  readonly command?: readonly [string, ...string[]]
}

/** One line of the server's log. */
export type LogLine = { readonly level: string; readonly msg: string } & Readonly<Record<string, unknown>>

/**
 * The real server as a child process on free ports of the loopback, with a www of its own: `await using` ends it and
 * takes its folder along.
 */
export class TestServer implements AsyncDisposable {
  /** By protocol, as host:port. */
  addresses: Readonly<Record<string, string>> = {}
  readonly www: string
  /** Everything logged so far. */
  readonly log: LogLine[] = []
  /** What it said outside its log. */
  complaints = ''
  readonly #folder: string
  readonly #child: ChildProcess
  readonly #exited: Promise<number>
  readonly #waiting = new Set<() => void>()
  #ready = false
  /** The exit code, or 128 when a signal ended it. */
  #exitCode: number | undefined

  private constructor(folder: string, options: TestServerOptions) {
    this.#folder = folder
    this.www = join(folder, 'www')
    const [program, ...first] = options.command ?? [process.execPath, entry]
    const set = [
      'rtmp.port=0',
      'rtmp.interface=127.0.0.1',
      'log.format=json',
      'log.level=debug',
      // A busy machine may take its time to start an application, and to run it.
      'apps.verdictTimeout=60',
      'apps.timeout=5',
      ...(options.set ?? []),
    ]
    const args = ['--ready-file', this.#readyFile, ...set.flatMap(value => ['--set', value])]
    this.#child = spawn(program, [...first, ...args], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.complaints += text
    })
    createInterface({ input: this.#child.stdout! }).on('line', line => this.#read(line))
    this.#exited = once(this.#child, 'close').then(([code]) => {
      this.#exitCode = code ?? 128
      this.#wake()
      return this.#exitCode!
    })
    process.once('exit', this.#kill)
  }

  /** Resolves once the server has said where it listens. */
  static async start(options: TestServerOptions = {}): Promise<TestServer> {
    const folder = await mkdtemp(join(tmpdir(), 'cumulus-test-'))
    // Found before any configuration of the machine's own. It leaves www and data beside itself.
    await writeFile(join(folder, 'CumulusServer.ini'), '')
    if (options.www !== 'packaged') {
      await mkdir(join(folder, 'www'))
      for (const [path, text] of Object.entries(options.www ?? {})) await writeBelow(join(folder, 'www'), path, text)
    }
    const server = new TestServer(folder, options)
    try {
      await server.#until(() => server.#ready || undefined, 'being ready')
      server.addresses = JSON.parse(await readFile(server.#readyFile, 'utf8'))
      return server
    } catch (error) {
      await server.stop()
      throw error
    }
  }

  get pid(): number {
    return this.#child.pid!
  }

  /** The port RTMP is served on. */
  get port(): number {
    return Number(this.addresses.rtmp?.split(':').at(-1))
  }

  /** What the server keeps, its admin socket among it. */
  get data(): string {
    return join(this.#folder, 'data')
  }

  /** `rtmp://127.0.0.1:PORT/PATH`. */
  url(path: string): string {
    return `rtmp://${this.addresses.rtmp}/${path}`
  }

  /** The first line that fits, written already or to come, from line number `from` on (see `log.length`). */
  logged(fits: (line: LogLine) => boolean, from = 0): Promise<LogLine> {
    return this.#until(() => this.log.slice(from).find(fits), `a line that fits ${fits}`)
  }

  /** Writes a file below www/, as an author's editor does. */
  writeApp(path: string, text: string): Promise<void> {
    return writeBelow(this.www, path, text)
  }

  removeApp(path: string): Promise<void> {
    return rm(join(this.www, path), { recursive: true })
  }

  /** Resolves with the exit code; harmless twice. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number> {
    if (this.#exitCode === undefined) this.#child.kill(signal)
    const code = await this.#exited
    process.off('exit', this.#kill)
    await rm(this.#folder, { recursive: true, force: true })
    return code
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  get #readyFile(): string {
    return join(this.#folder, 'ready.json')
  }

  readonly #kill = () => {
    this.#child.kill('SIGKILL')
  }

  #read(line: string): void {
    if (line.startsWith('{')) this.log.push(JSON.parse(line))
    else if (/^cumulus \S+ ready: /.test(line)) this.#ready = true
    this.#wake()
  }

  #wake(): void {
    for (const look of this.#waiting) look()
  }

  /** Looks again whenever the server said something, until there is something, it has ended, or the time is up. */
  #until<T>(look: () => T | undefined, what: string): Promise<T> {
    return new Promise((resolve, reject) => {
      const end = () => {
        clearTimeout(limit)
        this.#waiting.delete(again)
      }
      const fail = (why: string) => {
        end()
        reject(new Error(`the server ${why} before ${what}\n${this.complaints}${this.#lastLines()}`))
      }
      const again = () => {
        const found = look()
        if (found !== undefined) {
          end()
          resolve(found)
        } else if (this.#exitCode !== undefined) fail(`ended with ${this.#exitCode}`)
      }
      const limit = setTimeout(() => fail(`let ${lineMs} ms pass`), lineMs)
      this.#waiting.add(again)
      again()
    })
  }

  #lastLines(): string {
    return this.log
      .slice(-20)
      .map(line => JSON.stringify(line))
      .join('\n')
  }
}

export function startTestServer(options?: TestServerOptions): Promise<TestServer> {
  return TestServer.start(options)
}

async function writeBelow(folder: string, path: string, text: string): Promise<void> {
  const file = join(folder, path)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, text)
}
