import { lstat, mkdir, unlink } from 'node:fs/promises'
import { createConnection, createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { ConfigError, messageOf } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import { AuditLog } from './audit-log.ts'
import { probeMs, sessionsMax, socketPathMax } from './limits.ts'
import type { LogTap } from './log-tap.ts'
import { Session } from './session.ts'
import type { World } from './world.ts'

/** Where the socket of the server with this data folder is. */
export function socketPath(data: string): string {
  return join(data, 'admin.sock')
}

/**
 * The Unix socket by which the owner of a server talks to it. Opened before anything else of the data folder is touched, it
 * is also what keeps a second server out of it.
 */
export class AdminSocket {
  readonly #path: string
  readonly #log: Log
  readonly #audit: AuditLog
  readonly #sessions = new Map<Socket, Session>()
  #server: Server | null = null
  #served: { world: World; tap: LogTap } | null = null
  #lastSession = 0

  constructor(data: string, log: Log) {
    this.#path = socketPath(data)
    this.#log = log
    this.#audit = new AuditLog(join(data, 'audit.log'), log)
  }

  /**
   * Rejects with a ConfigError when another server answers there. A folder in which no socket can be is told to the log: the
   * server serves without.
   */
  async open(): Promise<void> {
    try {
      if (Buffer.byteLength(this.#path) > socketPathMax) {
        throw new Error(`its path is longer than ${socketPathMax} bytes: choose a shorter --data`)
      }
      await mkdir(join(this.#path, '..'), { recursive: true })
      await this.#listen().catch(async error => {
        if ((error as { code?: string }).code !== 'EADDRINUSE') throw error
        await this.#removeStale()
        await this.#listen()
      })
    } catch (error) {
      if (error instanceof ConfigError) throw error
      this.#log.warn({ file: this.#path }, `no admin socket, so no cumulus repl: ${messageOf(error)}`)
    }
  }

  /** From here on operators are served. */
  serve(world: World, tap: LogTap): void {
    this.#served = { world, tap }
  }

  /** Operators are told why; nobody new is let in. */
  dismiss(text: string): void {
    this.#served = null
    for (const session of this.#sessions.values()) session.end(text)
  }

  /** Gives the folder back. */
  async close(): Promise<void> {
    this.dismiss('the server stops')
    const server = this.#server
    this.#server = null
    if (!server) return
    const closed = new Promise<void>(resolve => server.close(() => resolve()))
    // Who has not read its last words by now keeps nobody waiting.
    for (const socket of this.#sessions.keys()) socket.destroy()
    await closed
  }

  /** The mask stands while the system makes the file, so that it is never anybody else's, not for a moment. */
  #listen(): Promise<void> {
    const server = createServer(socket => this.#accept(socket))
    return new Promise((resolve, reject) => {
      server.on('error', reject)
      const before = process.umask(0o177)
      try {
        server.listen(this.#path, () => {
          this.#server = server
          resolve()
        })
      } finally {
        process.umask(before)
      }
    })
  }

  /** Of a server that died. */
  async #removeStale(): Promise<void> {
    if (!(await lstat(this.#path)).isSocket()) throw new Error('something else has its place')
    if (await answers(this.#path)) {
      throw new ConfigError(
        'DATA_IN_USE',
        `another server runs with the data folder ${join(this.#path, '..')}`,
        'Stop it, or give this one a folder of its own: --data DIR.',
      )
    }
    await unlink(this.#path)
  }

  #accept(socket: Socket): void {
    const reason = this.#served === null ? 'the server is not ready' : 'too many operators'
    if (this.#served === null || this.#sessions.size >= sessionsMax) {
      socket.on('error', () => {})
      socket.end(`${JSON.stringify({ tell: 'end', text: reason })}\n`, () => socket.destroy())
      return
    }
    const uid = process.getuid?.() ?? 0
    const session = new Session({ ...this.#served, id: ++this.#lastSession, socket, audit: this.#audit, uid })
    this.#sessions.set(socket, session)
    socket.once('close', () => this.#sessions.delete(socket))
  }
}

/** Somebody takes connections there. */
function answers(path: string): Promise<boolean> {
  return new Promise(resolve => {
    const socket = createConnection(path)
    const end = (outcome: boolean) => {
      clearTimeout(limit)
      socket.destroy()
      resolve(outcome)
    }
    // One that hangs is there all the same.
    const limit = setTimeout(() => end(true), probeMs)
    socket.once('connect', () => end(true))
    socket.once('error', error => end((error as { code?: string }).code === 'EAGAIN'))
  })
}
