import type {
  AppCommand,
  AppEvent,
  AppSetup,
  ClientFacts,
  HostOrder,
  HostReport,
  PublicationFacts,
} from '../../../server/apps/wire.ts'
import { decodeAmf0, encodeAmf0 } from '../../../server/media/amf0.ts'
import { Child, clientFacts, publicationFacts, Www } from './child.ts'

type Command<C extends AppCommand['c']> = AppCommand & { c: C }
type Files = Record<string, string>

/** A child process and a www folder in which applications can be tried, each under a path of its own. */
export class Lab {
  readonly www = new Www()
  readonly child = new Child()
  #apps = 0

  /** Starts an application; `files` is its main.js, or its files by name. */
  async app(files: string | Files, change: Partial<AppSetup> = {}, extra: Partial<Start> = {}): Promise<TriedApp> {
    const path = change.path ?? `/app${++this.#apps}`
    const app = new TriedApp(this, path, change)
    app.write(files)
    app.hooks = (await this.child.start(app.setup, extra)).hooks
    return app
  }

  async end(): Promise<void> {
    await this.child.end()
    this.www.remove()
  }
}

type Start = HostOrder & { order: 'start' }
type Reloaded = HostReport & { report: 'reloaded' | 'failed' | 'unchanged' }

export class TriedApp {
  readonly path: string
  readonly setup: AppSetup
  readonly #lab: Lab
  hooks: string[] = []
  #ticket = 0

  constructor(lab: Lab, path: string, change: Partial<AppSetup>) {
    this.#lab = lab
    this.path = path
    this.setup = lab.www.setup(path, change)
  }

  get child(): Child {
    return this.#lab.child
  }

  write(files: string | Files): void {
    const all = typeof files === 'string' ? { 'main.js': files } : files
    for (const [name, text] of Object.entries(all)) this.#lab.www.write(`${this.path.slice(1)}/${name}`, text)
  }

  reload(files: string | Files): Promise<Reloaded> {
    this.write(files)
    return this.child.reload(this.setup)
  }

  /** As the watcher has it: only another text is another version. */
  save(files: string | Files): Promise<Reloaded> {
    this.write(files)
    return this.child.reload(this.setup, true)
  }

  get commands(): AppCommand[] {
    return this.child.commands(this.path)
  }

  of<C extends AppCommand['c']>(name: C): Command<C>[] {
    return this.commands.filter((command): command is Command<C> => command.c === name)
  }

  get logs(): string[] {
    return this.of('log').map(({ text }) => text)
  }

  command<C extends AppCommand['c']>(name: C, fits?: (command: Command<C>) => boolean): Promise<Command<C>> {
    return this.child.command(this.path, name, fits as never)
  }

  log(text: string): Promise<Command<'log'>> {
    return this.command('log', line => line.text === text)
  }

  tell(...events: AppEvent[]): void {
    this.child.send({ order: 'events', path: this.path, events })
  }

  /** An event that wants a verdict. */
  async ask(event: (ticket: number) => AppEvent): Promise<Command<'verdict'>> {
    const ticket = ++this.#ticket
    this.tell(event(ticket))
    return this.command('verdict', verdict => verdict.ticket === ticket)
  }

  /** A client that is known and has joined. */
  join(change: Partial<ClientFacts> = {}): ClientFacts {
    const facts = clientFacts({ path: this.path, ...change })
    this.tell(
      { e: 'room', app: facts.path, room: facts.room },
      { e: 'client', facts },
      { e: 'joined', client: facts.id },
    )
    return facts
  }

  publication(change: Partial<PublicationFacts> = {}): string {
    const facts = publicationFacts({ app: this.path, ...change })
    this.tell({ e: 'publication', facts })
    return `${facts.app}\n${facts.address}`
  }

  /** connect() with these arguments, up to the verdict. */
  connect(args: unknown[] = [], change: Partial<ClientFacts> = {}): Promise<Command<'verdict'>> {
    const facts = clientFacts({ path: this.path, args: encodeAmf0(args, { encoding: 3 }), ...change })
    this.tell({ e: 'client', facts })
    return this.ask(ticket => ({ e: 'onConnection', ticket, client: facts.id }))
  }

  /** A client's call, up to its result. */
  async result(client: string, name: string, args: unknown[] = [], change: object = {}): Promise<Command<'result'>> {
    const ticket = ++this.#ticket
    const bytes = encodeAmf0(args, { encoding: 3 })
    this.tell({ e: 'call', ticket, client, name, args: bytes, scope: 'all', silent: false, ...change })
    return this.command('result', result => result.ticket === ticket)
  }

  /** What a client's call gives; throws the text of an error. */
  async call(client: string, name: string, ...args: unknown[]): Promise<unknown> {
    const { how, value, text } = await this.result(client, name, args)
    if (how === 'value') return decodeAmf0(value!)[0]
    if (how === 'nothing') return undefined
    throw new Error(how === 'pass' ? `nothing by the name ${name}` : text)
  }
}

/**
 * An application whose clients may call `run(text)`: `text` is a function's body with `client` as its parameter, and
 * what it gives comes back. For tests that look at one value after another.
 */
export const runner = `
const functions = new Map()
export const calls = {
  run(text) {
    if (!functions.has(text)) functions.set(text, (0, eval)('(function (client) {' + text + '})'))
    return functions.get(text).call(this, this)
  },
}
`
