import type { AppCommand, AppSetup, ClientFacts } from '../../../server/apps/wire.ts'
import { encodeAmf0 } from '../../../server/media/amf0.ts'
import { clientFacts } from '../../apps/host/child.ts'
import { Lab, TriedApp } from '../../apps/host/lab.ts'

/** Instances of applications in Adobe's dialect, each of a folder of its own: `chat`, `chat2` … */
export class AscLab extends Lab {
  #count = 0

  override async app(files: string | Record<string, string>, change: Partial<AppSetup> = {}): Promise<TriedInstance> {
    const home = `/chat${this.#count === 0 ? '' : this.#count}`
    return this.instance(home, files, change)
  }

  async instance(home: string, files: string | Record<string, string>, change: Partial<AppSetup> = {}) {
    this.#count++
    const name = change.instance ?? `${home.slice(1)}/lobby`
    const setup = { ...change, home, folder: `${this.www.folder}${home}`, main: 'main.asc', instance: name }
    const app = new TriedInstance(this, `/${name}`, setup)
    const all = typeof files === 'string' ? { 'main.asc': files } : files
    for (const [file, text] of Object.entries(all)) this.www.write(`${home.slice(1)}/${file}`, text)
    app.hooks = (await this.child.start(app.setup)).hooks
    return app
  }
}

export class TriedInstance extends TriedApp {
  get home(): string {
    return this.setup.home.slice(1)
  }

  /** Its onAppStart. */
  start(): Promise<AppCommand & { c: 'verdict' }> {
    return this.ask(ticket => ({ e: 'onStart', ticket, path: this.path, reason: 'start' }))
  }

  /** A client that says this in its connect(). */
  facts(change: Partial<ClientFacts> = {}, args: unknown[] = []): ClientFacts {
    return clientFacts({ path: this.path, args: encodeAmf0(args, { encoding: 3 }), ...change })
  }
}
