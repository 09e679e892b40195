import assert from 'node:assert/strict'
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { residentBytes } from './memory.ts'
import { RtmpClient, type RtmpClientOptions } from './rtmp-client.ts'
import { type LogLine, startTestServer, type TestServer } from './server.ts'

/** A picture later than this was starved, in milliseconds. A busy machine may take a good part of it by itself. */
const latestAllowedMs = 3000

interface Report {
  pictures: number
  gaps: unknown[]
  faults: string[]
  lost: string
  latestMs: number
}

/**
 * The running server with somebody publishing and somebody watching, who must not notice whatever is done to it:
 * `unharmed()` says that they lost nothing since the last time and nobody was late.
 */
export class HazardScene {
  readonly server: TestServer
  readonly #bystanders: ChildProcess

  private constructor(server: TestServer, bystanders: ChildProcess) {
    this.server = server
    this.#bystanders = bystanders
  }

  static async open(set: readonly string[] = [], www: Record<string, string> = {}): Promise<HazardScene> {
    const server = await startTestServer({ www: { 'live/readme.txt': '', ...www }, set })
    const program = fileURLToPath(new URL('bystanders-main.ts', import.meta.url))
    const bystanders = fork(program, [server.url('live')], { stdio: 'inherit' })
    const gone = once(bystanders, 'exit').then(() => Promise.reject(new Error('the bystanders did not come')))
    await Promise.race([once(bystanders, 'message'), gone])
    gone.catch(() => {})
    return new HazardScene(server, bystanders)
  }

  /** A client that is let in. */
  client(options: Partial<RtmpClientOptions> = {}): Promise<RtmpClient> {
    return RtmpClient.connect({ url: this.server.url('live'), ...options })
  }

  /** Resident memory of the server now, in bytes. */
  get memory(): number {
    return residentBytes(this.server.pid)
  }

  /** Does harm and expects exactly one line in the log, of that code, and that nobody else noticed. */
  async blames(code: string | RegExp, harm: () => Promise<void> | void): Promise<LogLine> {
    const from = this.server.log.length
    await harm()
    const line = await this.server.logged(({ level }) => level === 'warn' || level === 'error', from)
    await this.unharmed()
    const troubles = this.#troubles(from)
    if (typeof code === 'string') assert.deepEqual(troubles, [code])
    else {
      assert.equal(troubles.length, 1, String(troubles))
      assert.match(troubles[0]!, code)
    }
    return line
  }

  /** Does harm and expects that the server has nothing to say about it, and that nobody noticed. */
  async bears(harm: () => Promise<void> | void): Promise<void> {
    const from = this.server.log.length
    await harm()
    await this.unharmed()
    assert.deepEqual(this.#troubles(from), [])
  }

  /** Resolves when so many lines of that code have been logged, from line number `from` on. */
  async troubled(code: string, count: number, from: number): Promise<void> {
    const { server } = this
    for (let nth = 0, at = from; nth < count; nth++) {
      const line = await server.logged(({ code: given }) => given === code, at)
      at = server.log.indexOf(line, at) + 1
    }
  }

  async unharmed(): Promise<void> {
    this.#bystanders.send({ report: true })
    const [report] = (await once(this.#bystanders, 'message')) as [Report]
    assert.deepEqual([report.lost, report.gaps, report.faults], ['', [], []])
    assert.ok(report.latestMs < latestAllowedMs, `a bystander's picture was ${Math.round(report.latestMs)} ms late`)
  }

  async close(): Promise<void> {
    this.#bystanders.kill('SIGKILL')
    await this.server.stop()
  }

  /** Codes of what the server warned of, and what it called its own fault. */
  #troubles(from: number): string[] {
    return this.server.log
      .slice(from)
      .filter(({ level }) => level === 'warn' || level === 'error')
      .map(({ code, msg }) => String(code ?? msg))
  }
}
