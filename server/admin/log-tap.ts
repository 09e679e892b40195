import type { Log, Subject } from '../base/log.ts'

const levels = ['error', 'warn', 'info', 'debug', 'trace'] as const
export type TapLevel = (typeof levels)[number]

interface Follower {
  readonly least: number
  readonly app: string
  write(level: TapLevel, text: string): void
}

export function isLevel(text: string): text is TapLevel {
  return (levels as readonly string[]).includes(text)
}

/** A log that others may follow, application by application, whatever the level of the log itself. */
export class LogTap implements Log {
  readonly #log: Log
  readonly #subject: Subject
  readonly #followers: Set<Follower>

  constructor(log: Log, subject: Subject = {}, followers = new Set<Follower>()) {
    this.#log = log
    this.#subject = subject
    this.#followers = followers
  }

  /** Tells lines about `app` (as it is written for people) from a level up; gives what ends that. */
  follow(app: string, level: TapLevel, write: Follower['write']): () => void {
    const follower = { app, least: levels.indexOf(level), write }
    this.#followers.add(follower)
    return () => this.#followers.delete(follower)
  }

  error(subject: Subject, text: string): void {
    this.#log.error(subject, text)
    this.#tell('error', subject, text)
  }

  warn(subject: Subject, text: string): void {
    this.#log.warn(subject, text)
    this.#tell('warn', subject, text)
  }

  info(subject: Subject, text: string): void {
    this.#log.info(subject, text)
    this.#tell('info', subject, text)
  }

  debug(subject: Subject, text: string): void {
    this.#log.debug(subject, text)
    this.#tell('debug', subject, text)
  }

  trace(subject: Subject, text: string): void {
    this.#log.trace(subject, text)
    this.#tell('trace', subject, text)
  }

  child(subject: Subject): Log {
    return new LogTap(this.#log.child(subject), { ...this.#subject, ...subject }, this.#followers)
  }

  #tell(level: TapLevel, own: Subject, text: string): void {
    if (this.#followers.size === 0) return
    const { app, host, file, line } = { ...this.#subject, ...own }
    const place = typeof file === 'string' && file !== '' ? `${file}:${line ?? 0} ` : ''
    for (const follower of this.#followers) {
      const isMeant = follower.app === app || follower.app === host
      if (isMeant && levels.indexOf(level) <= follower.least) follower.write(level, `${place}${text}`)
    }
  }
}
