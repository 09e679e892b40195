import type { PinnedSources } from '../wire.ts'
import { type AppPlace, AppSources } from './app-sources.ts'

/**
 * Do the files hold what these sources were made of, so that raising them again would change nothing? A touch, or a
 * file that was deleted and written again, is no new version.
 */
export async function areAsSaved(pinned: PinnedSources, place: AppPlace): Promise<boolean> {
  const found = new AppSources(place)
  const code = new Map(pinned.sources.map(source => [source.id, source]))
  try {
    if ((await found.main()).id !== pinned.main) return false
    for (const [from, name, to] of pinned.ways) {
      const importer = code.get(from)
      const source = importer
        ? await found.resolve(name, importer)
        : await found.loaded({ name, place: { file: '', line: 0 } })
      if (source?.id !== to) return false
    }
  } catch {
    // What is wrong with them is told by the one who raises them.
    return false
  }
  const { sources } = found.pin()
  return sources.length === code.size && sources.every(source => code.get(source.id)?.code === source.code)
}
