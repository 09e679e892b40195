import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Ask, FetchAnswer, FetchAsk } from '../../../sandbox-api/outside/words.ts'
import { lineage } from '../../apps/catalog.ts'
import { House } from '../../apps/house.ts'
import type { Log, Subject } from '../../base/log.ts'
import type { Config } from '../../config/config.ts'
import { Hub } from '../../hub/hub.ts'
import { readCatalog } from '../www-folder.ts'
import { Errands } from './errands.ts'
import { InnerHost } from './inner-host.ts'
import { play, publish, type TrialStream } from './streams.ts'
import { TrialClient } from './trial-client.ts'
import { VirtualClock } from './virtual-clock.ts'

/** How a client of a test comes; whatever is left out is usual. */
export interface Visitor {
  readonly room?: string
  /** What stands behind the ? of the URL. */
  readonly query?: Record<string, string>
  readonly address?: string
  readonly protocol?: string
  readonly secure?: boolean
  readonly pageUrl?: string
  readonly swfUrl?: string
  readonly flashVersion?: string
}

/** Every test begins at the same moment, so that what it sees of time is the same each time. */
const epoch = Date.UTC(2026, 0, 1)

/** An application with those above it, as a server would hold them: hub, house and isolates are the real ones. */
export class TrialApp {
  /** What was written to the log, the application's own lines and the server's about it. */
  readonly logs: string[] = []
  /** Mails that were sent. */
  readonly mails: { sender: string; subject: string; content: string; recipients: string[] }[] = []
  /** Answers what the application fetches; a text is the body of an answer with status 200. */
  onFetch: ((request: Request) => Response | string | Promise<Response | string>) | undefined
  readonly #path: string
  readonly #data = mkdtempSync(join(tmpdir(), 'cumulus-test-'))
  readonly #clock = new VirtualClock(epoch)
  readonly #hosts: InnerHost[] = []
  readonly #errands = new Errands(() => this.#hosts.every(host => host.resting))
  readonly #house: House
  readonly #hub: Hub
  #ports = 40_000

  constructor(path: string, config: Config, version: string) {
    this.#path = path
    const log = this.#log({})
    const clock = this.#clock
    const defer = (run: () => void) => this.#errands.later(run)
    const own: Pick<Config, 'apps' | 'app' | 'file' | 'smtp' | 'server' | 'visible' | 'setOption'> = {
      apps: { ...config.apps, data: this.#data, isolation: 'shared' },
      app: path => config.app(path),
      file: config.file,
      smtp: config.smtp,
      server: config.server,
      visible: () => config.visible(),
      setOption: async () => undefined,
    }
    const rehearsal = {
      clock,
      fetch: (_: string, ask: FetchAsk) => this.#fetch(ask),
      mail: (_: string, { sender, subject, content, recipients }: Ask & { noun: 'mail' }) =>
        void this.mails.push({ sender, subject, content, recipients }),
    }
    this.#house = new House({
      config: own as Config,
      log,
      clock,
      version,
      defer,
      raise: (_, owner) => {
        const host = new InnerHost(owner, rehearsal, this.#errands)
        this.#hosts.push(host)
        return host
      },
    })
    const there = readCatalog(config.apps.www, config)
    for (const each of lineage(path)) {
      const main = there.mainOf(each)
      if (main === undefined) this.#house.catalog.addFolder(each)
      else this.#house.catalog.addMain(each, main)
    }
    const { router } = this.#house
    const { listener, publication } = config
    this.#hub = new Hub({
      ...{ judge: router, witness: router, clock, log, defer },
      limits: { listener, publication },
    })
    this.#house.attach(this.#hub)
    this.#house.start(() => {})
  }

  async connect(who: Visitor = {}, ...values: unknown[]): Promise<TrialClient> {
    const { room = '', query = {}, address = `127.0.0.1:${++this.#ports}`, ...rest } = who
    const path = room === '' ? this.#path : `${this.#path}/${room}`
    const uri = `rtmp://localhost${path}`
    const usual = { protocol: 'rtmp', secure: false, pageUrl: '', swfUrl: '', flashVersion: '' }
    const client = new TrialClient(this.#hub, this.#settled)
    await client.join({ ...usual, ...rest, address, path, uri, query }, values)
    return client
  }

  publish(client: TrialClient, name: string, query: Record<string, string> = {}): Promise<TrialStream> {
    return publish(this.#hub, client, name, query, this.#settled)
  }

  play(client: TrialClient, name: string, query: Record<string, string> = {}): Promise<TrialStream> {
    return play(this.#hub, client, name, query, this.#settled)
  }

  /** Lets time pass, for the application and the server around it. */
  advance(ms: number): Promise<void> {
    return this.#clock.advance(ms, this.#settled)
  }

  /** Nothing happens any more until somebody comes or time passes. */
  get isQuiet(): boolean {
    return this.#errands.isQuiet
  }

  end(): void {
    for (const host of this.#hosts) host.end()
    rmSync(this.#data, { recursive: true, force: true })
  }

  readonly #settled = (): Promise<void> => this.#errands.settled()

  async #fetch({ url, method, headers, body }: FetchAsk): Promise<FetchAnswer> {
    if (this.onFetch === undefined) {
      throw new Error(`the application fetches ${url}, and the test has no app.onFetch that answers`)
    }
    const answer = await this.onFetch(
      new Request(url, { method, headers, ...(body && { body: new Uint8Array(body) }) }),
    )
    const response = typeof answer === 'string' ? new Response(answer) : answer
    return {
      status: response.status,
      statusText: response.statusText,
      url,
      redirected: false,
      headers: [...response.headers],
      body: await response.bytes(),
    }
  }

  #log(subject: Subject): Log {
    const write = (_: Subject, text: string) => void this.logs.push(text)
    const quiet = () => {}
    return {
      error: write,
      warn: write,
      info: write,
      debug: quiet,
      trace: quiet,
      child: more => this.#log({ ...subject, ...more }),
    }
  }
}
