import { type ChildProcess, fork } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { setPriority } from 'node:os'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Log } from '../base/log.ts'
import type { HostOwner, HostProcess, RaiseHost } from './host-process.ts'
import { endMs, hostNiceness, lastWordsChars, unsentOrdersMax } from './limits.ts'
import type { HostOrder, HostReport } from './wire.ts'

/** What a host may know of the environment it was started in: enough to run and to tell the time, and no secrets. */
const inherited = [
  ...['PATH', 'TZ', 'LANG', 'LC_ALL', 'LC_CTYPE', 'TMPDIR', 'SystemRoot', 'TEMP', 'NODE_V8_COVERAGE'],
  // Whom a script's fetch may trust beside everybody else's authorities.
  'NODE_EXTRA_CA_CERTS',
]

/**
 * isolated-vm needs the first (its documentation, "Node.js 20 and above"); the second is about stripping types. The others
 * are for the process itself, which handles messages and nothing large: V8 lets its garbage grow to 80 MB over a few
 * hundred reloads. They do not reach the scripts (see host/main.ts).
 */
const flags = [
  '--no-node-snapshot',
  '--disable-warning=ExperimentalWarning',
  '--optimize-for-size',
  '--max-semi-space-size=2',
]

/** glibc gives every thread an arena of its own, and keeps what isolates that came and went left in it: up to 60 MB. */
const allocation = { MALLOC_ARENA_MAX: '2' }

/** How the process of a host is forked. */
export function hostOptions() {
  const names = inherited.flatMap(name => (process.env[name] ? [[name, process.env[name]]] : []))
  return {
    execArgv: flags,
    env: { ...Object.fromEntries(names), ...allocation },
    serialization: 'advanced',
  } as const
}

/** The host's program, as source in a checkout and as plain JavaScript in the published package. */
const program = new URL(`./host/main${extname(import.meta.url)}`, import.meta.url)

/** Raises hosts as child processes. `module` is the program they run. */
export function forkHosts(log: Log, module: URL = program): RaiseHost {
  return (name, owner) => new ForkedHost(module, owner, log.child({ host: name }))
}

/** An app host in a child process of its own. */
class ForkedHost implements HostProcess {
  readonly #child: ChildProcess
  readonly #log: Log
  readonly #owner: HostOwner
  #unsent = 0
  /** Why it was killed from here. */
  #reason = ''
  #lastWords = ''
  #ended = false

  constructor(module: URL, owner: HostOwner, log: Log) {
    this.#owner = owner
    this.#log = log
    this.#child = fork(fileURLToPath(module), [], {
      ...hostOptions(),
      // Its standard output is nobody's business: scripts speak by way of reports.
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    this.#yield()
    this.#child.on('message', report => {
      if (!this.#ended) this.#owner.report(report as HostReport)
    })
    this.#child.on('error', error => {
      if (this.#child.pid === undefined) this.#end(`its process could not be started: ${error.message}`)
    })
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#lastWords = (this.#lastWords + text).slice(-lastWordsChars)
    })
    // Its end is told when its last words have been read. (Node tells no 'close' after a disconnect of ours.)
    const { promise: heard, resolve: hear } = Promise.withResolvers<void>()
    this.#child.stderr?.once('close', hear)
    this.#child.once('exit', async (code, signal) => {
      await heard
      this.#end(signal ? `its process ended by ${signal}` : `its process ended with exit code ${code}`)
    })
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  post(order: HostOrder): void {
    if (!this.#child.connected) return
    if (this.#unsent >= unsentOrdersMax) {
      this.#reason = `it left ${unsentOrdersMax} messages unread`
      return this.kill()
    }
    this.#unsent++
    // The callback hears of a channel that closed meanwhile: the end of the process is told by 'close'.
    this.#child.send(order, () => this.#unsent--)
  }

  kill(): void {
    this.#child.kill('SIGKILL')
  }

  end(): void {
    if (this.#child.connected) this.#child.disconnect()
    const timer = setTimeout(() => this.kill(), endMs)
    this.#child.once('exit', () => clearTimeout(timer))
  }

  /** When processors or memory are short, hosts are the first to wait, and the first to go. */
  #yield(): void {
    const { pid } = this.#child
    if (pid === undefined) return
    try {
      setPriority(pid, hostNiceness)
      if (process.platform === 'linux') writeFileSync(`/proc/${pid}/oom_score_adj`, '1000')
    } catch (error) {
      this.#log.debug({ pid, error }, 'the host keeps the priority of the server')
    }
  }

  #end(how: string): void {
    if (this.#ended) return
    this.#ended = true
    const words = this.#lastWords.trim()
    if (words !== '') this.#log.debug({ pid: this.#child.pid, stderr: words }, how)
    if (this.#reason !== '') return this.#owner.ended(this.#reason)
    this.#owner.ended(/out of memory|allocation failed/i.test(words) ? `${how}: out of memory` : how)
  }
}
