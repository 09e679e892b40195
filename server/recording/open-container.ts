import { type Container, type RecordFormat, Unfit } from './container.ts'
import type { Disk, DiskFile, Place } from './disk.ts'
import { Damage } from './film.ts'
import { type FlvBeginning, FlvContainer } from './flv-container.ts'
import { FlvFilm } from './flv-film.ts'
import { metadataTag } from './flv-metadata.ts'
import { readBeginning } from './mp4/fragments.ts'
import { Mp4Container, type Mp4Limits } from './mp4/mp4-container.ts'

export interface OpenContainer {
  readonly file: DiskFile
  readonly container: Container
  /** Bytes that are there already and stay. */
  readonly bytes: number
}

/** Opens a file for a recording: a new one, or one that goes on behind the last whole unit it holds. */
export async function openContainer(
  disk: Disk,
  place: Place,
  format: RecordFormat,
  append: boolean,
  mp4: Mp4Limits,
): Promise<OpenContainer> {
  const old = append ? await disk.reopen(place) : null
  if (!old || (await old.size()) === 0) {
    await old?.close()
    const container = format === 'mp4' ? new Mp4Container(mp4) : new FlvContainer()
    return { file: await disk.create(place), container, bytes: 0 }
  }
  try {
    if (format === 'mp4') {
      const beginning = await readBeginning(old)
      if (!beginning) throw new Unfit('what is there was not recorded here')
      await old.truncate(beginning.bytes)
      return { file: old, container: new Mp4Container(mp4, beginning), bytes: beginning.bytes }
    }
    const beginning = await endOf(old)
    await old.truncate(beginning.bytes)
    return { file: old, container: new FlvContainer(beginning), bytes: beginning.bytes }
  } catch (error) {
    await old.close()
    if (error instanceof Damage) throw new Unfit(`what is there cannot be continued: ${error.message}`)
    throw error
  }
}

/** What is there, up to its last whole tag. */
async function endOf(file: DiskFile): Promise<FlvBeginning> {
  const film = await FlvFilm.open(file)
  const { metadata, opening } = film
  await film.scan()
  const kept = metadata?.kept ?? {}
  const figures = { duration: film.duration, bytes: film.position, index: film.index }
  const patchable = metadata !== null && metadataTag(kept, figures).length === metadata.tagBytes
  return { ...figures, kept, patchable, headers: film.prelude.agrees(opening) ? opening : null }
}
