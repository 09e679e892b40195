import type { Log, Subject } from '../../server/base/log.ts'
import { type AppClass, CumulusServer, type CumulusServerOptions } from '../../server/library/index.ts'
import { RtmpClient, type RtmpClientOptions } from '../support/rtmp-client.ts'

export interface LogLine {
  readonly level: string
  readonly text: string
  readonly subject: Subject
}

/** A log of which a test reads the lines. */
export class KeptLog implements Log {
  readonly lines: LogLine[]
  readonly #subject: Subject

  constructor(lines: LogLine[] = [], subject: Subject = {}) {
    this.lines = lines
    this.#subject = subject
  }

  error(subject: Subject, text: string): void {
    this.#keep('error', subject, text)
  }

  warn(subject: Subject, text: string): void {
    this.#keep('warn', subject, text)
  }

  info(subject: Subject, text: string): void {
    this.#keep('info', subject, text)
  }

  debug(): void {}

  trace(): void {}

  child(subject: Subject): Log {
    return new KeptLog(this.lines, { ...this.#subject, ...subject })
  }

  /** Lines of warnings and errors. */
  get complaints(): string[] {
    return this.lines.filter(({ level }) => level === 'warn' || level === 'error').map(({ text }) => text)
  }

  #keep(level: string, subject: Subject, text: string): void {
    this.lines.push({ level, text, subject: { ...this.#subject, ...subject } })
  }
}

/** A server within this process on a free port of the loopback: `await using` stops it. */
export class Scene implements AsyncDisposable {
  readonly server: CumulusServer
  readonly log = new KeptLog()
  addresses: Readonly<Record<string, string>> = {}

  constructor(options: CumulusServerOptions = {}) {
    this.server = new CumulusServer({ port: 0, interface: '127.0.0.1', log: this.log, ...options })
  }

  static async of(apps: Record<string, AppClass>, options?: CumulusServerOptions): Promise<Scene> {
    const scene = new Scene(options)
    scene.server.apps(apps)
    scene.addresses = await scene.server.start()
    return scene
  }

  url(path: string): string {
    return `rtmp://${this.addresses.rtmp}/${path}`
  }

  connect(path: string, options: Omit<RtmpClientOptions, 'url'> = {}): Promise<RtmpClient> {
    return RtmpClient.connect({ url: this.url(path), ...options })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.stop()
  }
}
