import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { requireProgram } from './programs.ts'
import { Run, run } from './run.ts'

const ffmpeg = requireProgram('ffmpeg')

export interface FilmOptions {
  readonly seconds: number
  /** Seconds from one key frame to the next. */
  readonly keySeconds: number
}

/** A film of H.264 and AAC on the disk, encoded once, so that publishing it costs a test almost nothing. */
export class Film implements AsyncDisposable {
  readonly #folder: string

  private constructor(folder: string) {
    this.#folder = folder
  }

  static async make({ seconds, keySeconds }: FilmOptions): Promise<Film> {
    const film = new Film(await mkdtemp(join(tmpdir(), 'cumulus-film-')))
    const fps = 25
    const { code, output } = await run(ffmpeg.path, [
      ...['-v', 'error', '-f', 'lavfi', '-i', `testsrc=size=160x120:rate=${fps}`, '-f', 'lavfi', '-i', 'sine'],
      ...['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-g', String(keySeconds * fps)],
      ...['-sc_threshold', '0', '-c:a', 'aac', '-t', String(seconds), '-f', 'flv', film.path],
    ])
    if (code !== 0) throw new Error(`no film:\n${output}`)
    return film
  }

  get path(): string {
    return join(this.#folder, 'film.flv')
  }

  /** At the speed of life, until it ends or is stopped. */
  publish(url: string): Run {
    return new Run(ffmpeg.path, ['-v', 'warning', '-re', '-i', this.path, '-c', 'copy', '-f', 'flv', url])
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true })
  }
}
