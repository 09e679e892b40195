import type { Applications, AppRow, Happening, Question, World } from '../../server/admin/world.ts'
import type { Clock } from '../../server/base/clock.ts'
import { Collected } from '../support/collected.ts'

interface AskedLine {
  readonly path: string
  readonly question: Question
  settle(answer: { ok: boolean; text: string }): void
  isCut: boolean
}

/** A server with two applications, / and /live, that answer when the test does. */
export class PretendWorld implements World {
  readonly clock: Clock
  readonly version = '1.2.3'
  readonly workers = 1
  readonly hub: World['hub']
  readonly applications: Applications
  readonly #asked = new Collected<AskedLine>('line')
  readonly #gone = new Collected<number>('session')
  readonly #watchers = new Set<(happening: Happening) => void>()

  constructor(clock: Clock, hub?: World['hub']) {
    this.clock = clock
    this.hub = hub ?? ({ clients: new Map(), publications: new Map(), listeners: new Map() } as unknown as World['hub'])
    this.applications = {
      find: name =>
        new Map([
          ['', ''],
          ['live', '/live'],
        ]).get(name.replaceAll('/', '')),
      list: () => [rowOf(''), rowOf('/live')],
      watch: watcher => {
        this.#watchers.add(watcher)
        return () => this.#watchers.delete(watcher)
      },
      ask: (path, question, settle) => {
        const line = { path, question, settle, isCut: false }
        this.#asked.push(line)
        return {
          cut: () => {
            line.isCut = true
          },
        }
      },
      leave: session => this.#gone.push(session),
      reload: (app, done) => done({ app, what: 'reloaded', text: 'in 1 ms' }),
    }
  }

  /** The nth line that was asked, waited for. */
  async asked(at: number): Promise<AskedLine> {
    let seen = -1
    return this.#asked.first(() => ++seen === at)
  }

  async left(session: number): Promise<void> {
    await this.#gone.first(each => each === session)
  }

  happens(happening: Happening): void {
    for (const watcher of this.#watchers) watcher(happening)
  }
}

function rowOf(app: string): AppRow {
  return { app, standing: 'up', main: 'main.js', clients: 0, hooks: ['onPublish'], pid: 7, trouble: '' }
}
