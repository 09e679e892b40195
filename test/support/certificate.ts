import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { requireProgram } from './programs.ts'
import { run } from './run.ts'

export const openssl = requireProgram('openssl')

/** A certificate for the loopback that nobody has signed, as files in a folder of its own. */
export class Certificate implements AsyncDisposable {
  readonly certificate: string
  readonly key: string
  readonly #folder: string

  private constructor(folder: string) {
    this.#folder = folder
    this.certificate = join(folder, 'certificate.pem')
    this.key = join(folder, 'key.pem')
  }

  static async make(name = 'localhost'): Promise<Certificate> {
    const made = new Certificate(await mkdtemp(join(tmpdir(), 'cumulus-certificate-')))
    await made.renew(name)
    return made
  }

  /** Another one in the same files. */
  async renew(name: string): Promise<void> {
    const { code, output } = await run(openssl.path, [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-noenc', '-days', '2'],
      ...['-keyout', this.key, '-out', this.certificate, '-subj', `/CN=${name}`],
    ])
    if (code !== 0) throw new Error(`openssl made no certificate: ${output}`)
  }

  /** Something that is none. */
  async spoil(): Promise<void> {
    await writeFile(this.certificate, 'not a certificate')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true })
  }
}
