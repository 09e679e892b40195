import type { RecordFormat } from './container.ts'
import type { Disk, Place } from './disk.ts'
import { openContainer } from './open-container.ts'
import type { RecordingLimits } from './part.ts'

/** Writes the end of a file whose writer is gone; false when there is nothing in it, and then it is removed. */
export async function finishLeft(
  disk: Disk,
  place: Place,
  format: RecordFormat,
  { fragment, queueBytes, sync }: RecordingLimits,
): Promise<boolean> {
  const mp4 = { fragment, fragmentBytes: queueBytes / 4 }
  const there = await disk.open(place)
  const size = (await there?.size()) ?? 0
  await there?.close()
  if (size === 0) {
    if (there) await disk.remove(place)
    return false
  }
  const { file, container, bytes } = await openContainer(disk, place, format, true, mp4)
  try {
    for (const patch of container.patches(bytes)) await file.write(patch.bytes, patch.at)
    if (sync !== 'none') await file.sync()
  } finally {
    await file.close()
  }
  return true
}
