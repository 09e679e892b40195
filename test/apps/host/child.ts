import { type ChildProcess, fork } from 'node:child_process'
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { hostOptions } from '../../../server/apps/forked-host.ts'
import type {
  AppCommand,
  AppLimits,
  AppSetup,
  ClientFacts,
  HostOrder,
  HostReport,
  ListenerFacts,
  PublicationFacts,
} from '../../../server/apps/wire.ts'

const program = fileURLToPath(new URL('../../../server/apps/host/main.ts', import.meta.url))

type Report<R extends HostReport['report']> = HostReport & { report: R }
type Command<C extends AppCommand['c']> = AppCommand & { c: C }

export const limits: AppLimits = {
  memory: 128,
  timeout: 500,
  verdictTimeout: 2_000,
  timers: 100,
  rollback: 0,
  pendingCalls: 50,
}

export const outside = {
  sockets: 16,
  socketBytes: 64 * 1024,
  fetchTimeout: 1_000,
  fetchBytes: 128 * 1024,
  storage: 64 * 1024,
  smtp: null,
}

/** A www folder of its own, with the files given; removed with `remove`. */
export class Www {
  readonly folder = mkdtempSync(join(tmpdir(), 'cumulus-www-'))

  constructor(files: Record<string, string> = {}) {
    for (const [name, text] of Object.entries(files)) this.write(name, text)
  }

  write(name: string, text: string): void {
    const path = join(this.folder, name)
    mkdirSync(dirname(path), { recursive: true })
    // In one piece, and never empty: a host may be reading at this moment, and waits for what is being saved.
    writeFileSync(`${path}.new`, text || '\n')
    renameSync(`${path}.new`, path)
  }

  setup(path = '/app', change: Partial<AppSetup> = {}): AppSetup {
    return {
      path,
      home: path,
      instance: null,
      folder: join(this.folder, path),
      libFolder: join(this.folder, 'lib'),
      wwwFolder: this.folder,
      main: 'main.js',
      limits,
      allow: [],
      configFile: 'CumulusServer.ini',
      config: {},
      outside: { ...outside, data: join(this.folder, '.data') },
      journal: null,
      server: { configs: {}, publicAddress: 'here:1935', hostname: 'here', version: '0.0.0', platform: 'test' },
      ...change,
    }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** The child process of an app host, as the media process holds it. */
export class Child {
  readonly process: ChildProcess
  readonly reports: HostReport[] = []
  /** How it ended. */
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>
  readonly #wanted = new Set<() => void>()
  readonly #commands = new Map<string, AppCommand[]>()

  constructor() {
    this.process = fork(program, [], {
      ...hostOptions(),
      // What V8 says as it dies of memory is nothing for a test's report.
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    })
    this.process.on('message', report => {
      this.#take(report as HostReport)
      for (const look of [...this.#wanted]) look()
    })
    this.ended = new Promise(resolve => {
      this.process.on('exit', (code, signal) => {
        resolve({ code, signal })
        for (const look of [...this.#wanted]) look()
      })
    })
  }

  #take(report: HostReport): void {
    this.reports.push(report)
    if (report.report === 'commands') this.commands(report.path).push(...report.commands)
  }

  send(order: HostOrder): void {
    if (this.process.connected) this.process.send(order, () => {})
  }

  /** The first report, from `from` on, that fits. Rejects when the child ends before. */
  until<T extends HostReport>(fits: (report: HostReport) => report is T, from = 0): Promise<T> {
    return new Promise((resolve, reject) => {
      let at = from
      const look = () => {
        let found: T | undefined
        for (; at < this.reports.length && found === undefined; at++) {
          const report = this.reports[at]!
          if (fits(report)) found = report
        }
        const over = this.process.exitCode !== null || this.process.signalCode !== null
        if (found === undefined && !over) return
        this.#wanted.delete(look)
        if (found !== undefined) resolve(found)
        else reject(new Error(`the child ended: ${JSON.stringify(this.reports).slice(-2_000)}`))
      }
      this.#wanted.add(look)
      look()
    })
  }

  report<R extends HostReport['report']>(name: R, from = 0): Promise<Report<R>> {
    return this.until((report): report is Report<R> => report.report === name, from)
  }

  /** All commands so far, of one application. */
  commands(path: string): AppCommand[] {
    let commands = this.#commands.get(path)
    if (commands === undefined) {
      commands = []
      this.#commands.set(path, commands)
    }
    return commands
  }

  /** The first command that fits, waited for. */
  async command<C extends AppCommand['c']>(
    path: string,
    name: C,
    fits: (command: Command<C>) => boolean = () => true,
  ): Promise<Command<C>> {
    const commands = this.commands(path)
    let at = 0
    let found: Command<C> | undefined
    await this.until((_report): _report is HostReport => {
      for (; at < commands.length && found === undefined; at++) {
        const command = commands[at]!
        if (command.c === name && fits(command as Command<C>)) found = command as Command<C>
      }
      return found !== undefined
    })
    return found!
  }

  async start(setup: AppSetup, extra: Partial<HostOrder & { order: 'start' }> = {}): Promise<Report<'started'>> {
    const from = this.reports.length
    this.send({ order: 'start', app: setup, reason: 'start', mirror: [], ...extra })
    const answer = await this.until((r): r is Report<'started' | 'failed'> => {
      return (r.report === 'started' || r.report === 'failed') && r.path === setup.path
    }, from)
    if (answer.report === 'failed') throw Object.assign(new Error(answer.fault.text), { fault: answer.fault })
    return answer
  }

  async reload(setup: AppSetup, ifOther = false): Promise<Report<'reloaded' | 'failed' | 'unchanged'>> {
    const from = this.reports.length
    this.send({ order: 'reload', app: setup, ifOther })
    return this.until((r): r is Report<'reloaded' | 'failed' | 'unchanged'> => {
      return ['reloaded', 'failed', 'unchanged'].includes(r.report) && 'path' in r && r.path === setup.path
    }, from)
  }

  async end(): Promise<void> {
    if (this.process.connected) this.process.disconnect()
    await this.ended
  }
}

export function clientFacts(change: Partial<ClientFacts> = {}): ClientFacts {
  return {
    id: 'a1'.repeat(32),
    address: '127.0.0.1:5000',
    protocol: 'rtmp',
    secure: false,
    uri: 'rtmp://localhost/app',
    path: '/app',
    room: '',
    query: {},
    flashVersion: 'LNX 9,0,124,2',
    pageUrl: '',
    swfUrl: '',
    objectEncoding: 0,
    args: new Uint8Array(0),
    readAccess: '/',
    writeAccess: '/',
    audioSampleAccess: '',
    videoSampleAccess: '',
    ...change,
  }
}

export function publicationFacts(change: Partial<PublicationFacts> = {}): PublicationFacts {
  const address = change.address ?? 'cam'
  const slash = address.lastIndexOf('/')
  return {
    app: '/app',
    address,
    room: address.slice(0, Math.max(0, slash)),
    name: address.slice(slash + 1),
    publisherId: 'a1'.repeat(32),
    generation: 1,
    startedAt: 1_700_000_000_000,
    query: {},
    ...change,
  }
}

export function listenerFacts(change: Partial<ListenerFacts> = {}): ListenerFacts {
  return {
    id: 1,
    client: 'a1'.repeat(32),
    publication: '/app\ncam',
    receiveAudio: true,
    receiveVideo: true,
    audioSampleAccess: false,
    videoSampleAccess: false,
    query: {},
    ...change,
  }
}
