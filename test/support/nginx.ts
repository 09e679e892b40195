import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Run } from './run.ts'

/** nginx with its RTMP module, on one port of the loopback, with an application `live`. */
export class Nginx implements AsyncDisposable {
  readonly #path: string
  readonly #port: number
  readonly #folder: string
  #run: Run | null = null

  private constructor(path: string, port: number, folder: string) {
    this.#path = path
    this.#port = port
    this.#folder = folder
  }

  /** Resolves once it accepts connections. */
  static async start(path: string, port: number): Promise<Nginx> {
    const nginx = new Nginx(path, port, await mkdtemp(join(tmpdir(), 'cumulus-nginx-')))
    const configuration = [
      'load_module /usr/lib/nginx/modules/ngx_rtmp_module.so;',
      'daemon off;',
      'master_process off;',
      `pid ${nginx.#folder}/pid;`,
      'error_log stderr warn;',
      'events {}',
      `rtmp { server { listen 127.0.0.1:${port}; application live { live on; } } }`,
    ]
    await writeFile(join(nginx.#folder, 'nginx.conf'), configuration.join('\n'))
    await nginx.#up()
    return nginx
  }

  async restart(): Promise<void> {
    await this.#run?.stop('SIGKILL')
    await this.#up()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#run?.stop('SIGKILL')
    await rm(this.#folder, { recursive: true, force: true })
  }

  async #up(): Promise<void> {
    this.#run = new Run(this.#path, ['-p', this.#folder, '-c', join(this.#folder, 'nginx.conf')])
    while (!(await accepts(this.#port))) {
      if (this.#run.hasExited) throw new Error(`nginx ended:\n${this.#run.output}`)
    }
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => setImmediate(() => resolve(false)))
  })
}
