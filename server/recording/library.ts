import type { FilmFacts, FilmFormat } from '../hub/archive.ts'
import type { Disk, DiskFile, Place } from './disk.ts'
import type { Film } from './film.ts'
import { FlvFilm } from './flv-film.ts'
import { foldersMax } from './limits.ts'
import { MediaFilm } from './media-film.ts'
import { formatOf, placeOf } from './media-root.ts'

/** A file that was found, open. */
export interface Found {
  readonly film: Film
  readonly place: Place
  readonly file: DiskFile
}

/** The files below one folder, by the names under which they were recorded or put there. */
export class Library {
  readonly #root: string
  readonly #disk: Disk

  constructor(root: string, disk: Disk) {
    this.#root = root
    this.#disk = disk
  }

  /** The places a name may mean, in the order in which they are looked at. */
  places(app: string, address: string, format: FilmFormat | null): { place: Place; format: FilmFormat }[] {
    const said = format ?? formatOf(address.slice(address.lastIndexOf('/') + 1))
    const formats: FilmFormat[] = said ? [said] : ['flv', 'mp4']
    return formats.flatMap(format => {
      const place = placeOf(this.#root, app, address, format)
      return place ? [{ place, format }] : []
    })
  }

  /** Null when there is none. Rejects with Damage when what is there is nothing of that kind. */
  async open(app: string, address: string, format: FilmFormat | null): Promise<Found | null> {
    for (const { place, format: found } of this.places(app, address, format)) {
      const file = await this.#disk.open(place)
      if (!file) continue
      // A recording that has only just begun: there is nothing to be seen of it.
      if ((await file.size()) === 0) {
        await file.close()
        continue
      }
      try {
        return { film: await (found === 'flv' ? FlvFilm : MediaFilm).open(file), place, file }
      } catch (error) {
        await file.close()
        throw error
      }
    }
    return null
  }

  async facts(app: string, address: string, format: FilmFormat | null): Promise<FilmFacts | null> {
    const found = await this.open(app, address, format)
    if (!found) return null
    try {
      await found.film.measure()
      return { seconds: found.film.duration / 1000, bytes: await found.file.size() }
    } finally {
      await found.film.close()
    }
  }

  /** Deletes the files of one name that `mayGo`; gives how many. */
  async delete(
    app: string,
    address: string,
    format: FilmFormat | null,
    mayGo: (place: Place) => Promise<boolean>,
  ): Promise<number> {
    const formats: (FilmFormat | null)[] = format ? [format] : ['flv', 'mp4', 'mp3']
    let count = 0
    for (const each of formats) {
      const [found] = this.places(app, address, each)
      if (found && (await mayGo(found.place)) && (await this.#disk.remove(found.place))) count++
    }
    return count
  }

  /** Deletes all recordings below an address that `mayGo`; folders stay. `isOthers`: a folder is another application's. */
  async clear(
    app: string,
    address: string,
    mayGo: (place: Place) => Promise<boolean>,
    isOthers: (path: string) => boolean,
  ): Promise<number> {
    const waiting = [[...split(app), ...split(address)]]
    let count = 0
    for (let seen = 0; waiting.length > 0 && seen < foldersMax; seen++) {
      const folder = waiting.pop()!
      for (const { name, isFolder } of await this.#disk.list(this.#root, folder)) {
        const segments = [...folder, name]
        const place = { root: this.#root, segments }
        if (isFolder && !isOthers(`/${segments.join('/')}`)) waiting.push(segments)
        else if (!isFolder && formatOf(name) && (await mayGo(place)) && (await this.#disk.remove(place))) count++
      }
    }
    return count
  }
}

function split(path: string): string[] {
  return path.split('/').filter(segment => segment !== '')
}
