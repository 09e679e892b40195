/** Saves one version after the other of the same two slots below the folder given, and prints how many were acknowledged. */
import { systemClock } from '../../server/base/clock.ts'
import { SharedDisk } from '../../server/shared-store/shared-disk.ts'

const disk = new SharedDisk(process.argv[2]!, systemClock)

function save(count: number): void {
  const version = count + 1
  const value = Uint8Array.of(version % 256)
  const slots = [['a', value, version] as const, ['b', value, version] as const]
  const object = { scope: '/chat', app: '/chat', name: 'book', version, purged: 1, clear: false, slots, deleted: false }
  disk.save([object], error => {
    if (error !== null) throw new Error(error)
    process.stdout.write(`${count}\n`)
    save(count + 1)
  })
}

save(1)
