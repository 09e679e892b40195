import type { Socket } from 'node:net'
import { messageOf } from '../base/errors.ts'
import type { AuditLog } from './audit-log.ts'
import { commands } from './commands/all.ts'
import { codeCharsMax, outputBytes, questionsMax } from './limits.ts'
import { LineReader } from './line-reader.ts'
import { isLevel, type LogTap } from './log-tap.ts'
import { type Answer, type Request, readRequest, type Tell } from './wire.ts'
import { type Happening, nameOf, sentenceOf, type World } from './world.ts'

export interface SessionOptions {
  readonly id: number
  readonly socket: Socket
  readonly world: World
  readonly tap: LogTap
  readonly audit: AuditLog
  readonly uid: number
}

type Outcome = { readonly ok: boolean; readonly text: string }

/** One operator at the admin socket: what was asked, what waits for its answer, what is being followed. */
export class Session {
  readonly #options: SessionOptions
  readonly #reader = new LineReader()
  /** Requests without an answer, with what ends them. */
  readonly #open = new Map<number, () => void>()
  readonly #endWatch: () => void
  #by = ''
  /** Applications it has used: it is told what becomes of them. */
  readonly #used = new Set<string>()
  #endFollowing: () => void = () => {}
  #leftOut = 0
  /** Reloads of its own that are on their way. */
  #reloads = 0
  #isOver = false

  constructor(options: SessionOptions) {
    this.#options = options
    const { socket, world } = options
    this.#endWatch = world.applications.watch(happening => this.#happened(happening))
    socket.on('data', bytes => this.#read(bytes))
    // What cannot be written is told by its end, which follows.
    socket.on('error', () => {})
    socket.once('close', () => this.#ended())
  }

  /** Says why, and ends it; harmless twice. */
  end(text: string): void {
    if (this.#isOver) return
    this.#write({ tell: 'end', text })
    this.#ended()
    this.#options.socket.end()
  }

  #ended(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#endWatch()
    this.#endFollowing()
    for (const cut of this.#open.values()) cut()
    this.#open.clear()
    this.#options.world.applications.leave(this.#options.id)
  }

  #read(bytes: Buffer): void {
    if (this.#isOver) return
    const lines = this.#reader.read(bytes)
    if (lines === null) return this.end('a line was too long')
    for (const line of lines) {
      const request = readRequest(line)
      if (!request) return this.end('that was no request of this protocol')
      this.#take(request)
    }
  }

  #take(request: Request): void {
    const { id } = request
    if (request.do === 'cut') return this.#cut(request.id, request.of)
    if (this.#open.has(id)) return this.end('a request has the id of one that waits')
    if (this.#open.size >= questionsMax) {
      return this.#answer(id, { ok: false, text: `${questionsMax} requests wait for their answers already` })
    }
    this.#open.set(id, () => {})
    this.#carryOut(request).then(
      outcome => this.#settle(id, outcome),
      error => this.#settle(id, { ok: false, text: messageOf(error) }),
    )
  }

  async #carryOut(request: Exclude<Request, { do: 'cut' }>): Promise<Outcome> {
    if (request.do === 'hello') {
      this.#by = request.by.slice(0, 64)
      return { ok: true, text: `cumulus ${this.#options.world.version}` }
    }
    const { applications } = this.#options.world
    const path = applications.find(request.app)
    if (path === undefined) return { ok: false, text: this.#unknown(request.app) }
    if (request.do !== 'complete') await this.#record(request, nameOf(path))
    // It may have been cut, or the session have ended, while the disk was busy.
    if (!this.#open.has(request.id)) return { ok: false, text: 'cut' }
    this.#used.add(path)
    switch (request.do) {
      case 'use':
        return { ok: true, text: nameOf(path) }
      case 'evaluate': {
        const { code, as } = request
        if (code.length > codeCharsMax) return { ok: false, text: `a line may have ${codeCharsMax} characters` }
        return this.#ask(request.id, path, { e: 'evaluate', session: this.#options.id, code, as })
      }
      case 'complete': {
        const text = request.text.slice(-codeCharsMax)
        return this.#ask(request.id, path, { e: 'complete', session: this.#options.id, text })
      }
      case 'command': {
        const command = commands.get(request.name)
        if (!command) return { ok: false, text: `there is no command .${request.name}: .help shows them` }
        const { words } = request
        this.#reloads += Number(request.name === 'reload')
        try {
          return { ok: true, text: await command.run({ world: this.#options.world, words, app: path }) }
        } finally {
          this.#reloads -= Number(request.name === 'reload')
        }
      }
      case 'log':
        return this.#follow(path, request.level)
      default:
        return request satisfies never
    }
  }

  #ask(id: number, path: string, question: Parameters<World['applications']['ask']>[1]): Promise<Outcome> {
    return new Promise(resolve => {
      const line = this.#options.world.applications.ask(path, question, resolve)
      if (this.#open.has(id)) this.#open.set(id, () => line.cut())
    })
  }

  #cut(id: number, of: number): void {
    this.#open.get(of)?.()
    this.#settle(of, { ok: false, text: 'cut' })
    this.#answer(id, { ok: true, text: '' })
  }

  #follow(path: string, level: string): Outcome {
    this.#endFollowing()
    this.#endFollowing = () => {}
    if (level === 'off') return { ok: true, text: 'the log is not shown any more' }
    if (!isLevel(level)) return { ok: false, text: '.log needs a level: error, warn, info, debug, trace, or off' }
    const name = nameOf(path)
    this.#endFollowing = this.#options.tap.follow(name, level, (shown, text) => this.#log(shown, text))
    return { ok: true, text: `what is logged about ${name} is shown here, from ${level} up; .log off ends that` }
  }

  #log(level: string, text: string): void {
    if (this.#options.socket.writableLength > outputBytes.log) {
      this.#leftOut++
      return
    }
    if (this.#leftOut > 0) this.#write({ tell: 'log', level: 'warn', text: `${this.#leftOut} lines were left out` })
    this.#leftOut = 0
    this.#write({ tell: 'log', level, text })
  }

  #happened(happening: Happening): void {
    const { app, what } = happening
    // Its start is what the operator asked for by using it.
    if (!this.#used.has(app) || what === 'started') return
    // The answer to its own .reload says it.
    if (this.#reloads > 0 && (what === 'reloaded' || what === 'kept')) return
    this.#write({ tell: 'app', app: nameOf(app), text: sentenceOf(happening) })
  }

  /** The line as it was typed. */
  #record(request: Exclude<Request, { do: 'cut' | 'hello' | 'complete' }>, app: string): Promise<void> {
    const { audit, world, uid, id: session } = this.#options
    const at = new Date(world.clock.epoch()).toISOString()
    return audit.write({ at, uid, by: this.#by, session, app, line: lineOf(request) })
  }

  #unknown(name: string): string {
    const there = this.#options.world.applications.list().map(({ app }) => nameOf(app))
    const remedy = there.length === 0 ? 'no application has a script' : `there are ${there.join(', ')}`
    return `there is no application ${name} with a script: ${remedy}`
  }

  #settle(id: number, outcome: Outcome): void {
    if (this.#open.delete(id)) this.#answer(id, outcome)
  }

  #answer(id: number, { ok, text }: Outcome): void {
    this.#write({ id, ok, text })
  }

  #write(message: Answer | Tell): void {
    const { socket } = this.#options
    if (this.#isOver || socket.destroyed) return
    socket.write(`${JSON.stringify(message)}\n`)
    // Who asks and does not read is let go of.
    if (socket.writableLength > outputBytes.all) socket.destroy()
  }
}

function lineOf(request: Exclude<Request, { do: 'cut' | 'hello' | 'complete' }>): string {
  if (request.do === 'evaluate') return request.code
  if (request.do === 'use') return `.use ${request.app}`
  if (request.do === 'log') return `.log ${request.level}`
  return `.${[request.name, ...request.words].join(' ')}`
}
