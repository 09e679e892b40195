import type { Disk, DiskFile, Place } from '../../server/recording/disk.ts'

/** A disk in memory, as slow and as small as a test wants it. */
export class PretendDisk implements Disk {
  readonly files = new Map<string, Buffer>()
  /** Awaited before every write. */
  pause: Promise<void> = Promise.resolve()
  /** Bytes that fit in all. */
  capacity = Number.POSITIVE_INFINITY
  /** Opening anything is refused with this code of the system. */
  refuses = ''
  /** What a test wants to see of the calls. */
  syncs = 0
  largestRead = 0

  get used(): number {
    return [...this.files.values()].reduce((sum, bytes) => sum + bytes.length, 0)
  }

  async create(place: Place): Promise<DiskFile> {
    this.#refuse()
    this.files.set(keyOf(place), Buffer.alloc(0))
    return this.#file(keyOf(place))
  }

  async reopen(place: Place): Promise<DiskFile | null> {
    this.#refuse()
    return this.files.has(keyOf(place)) ? this.#file(keyOf(place)) : null
  }

  open(place: Place): Promise<DiskFile | null> {
    return this.reopen(place)
  }

  async remove(place: Place): Promise<boolean> {
    return this.files.delete(keyOf(place))
  }

  async list(_root: string, folder: readonly string[]): Promise<{ name: string; isFolder: boolean }[]> {
    const prefix = folder.map(segment => `${segment}/`).join('')
    const names = new Map<string, boolean>()
    for (const key of this.files.keys()) {
      if (!key.startsWith(prefix)) continue
      const [name, ...rest] = key.slice(prefix.length).split('/')
      names.set(name!, rest.length > 0)
    }
    return [...names].map(([name, isFolder]) => ({ name, isFolder }))
  }

  async room(): Promise<number> {
    return this.capacity - this.used
  }

  #refuse(): void {
    if (this.refuses !== '') throw Object.assign(new Error('refused'), { code: this.refuses })
  }

  #file(key: string): DiskFile {
    const get = (): Buffer => this.files.get(key) ?? Buffer.alloc(0)
    return {
      size: async () => get().length,
      read: async (at, length) => {
        this.largestRead = Math.max(this.largestRead, length)
        return Buffer.from(get().subarray(at, at + length))
      },
      write: async (bytes, at) => {
        await this.pause
        const before = get()
        const end = Math.max(before.length, at + bytes.length)
        if (this.used - before.length + end > this.capacity) {
          throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
        }
        const after = Buffer.alloc(end)
        before.copy(after)
        bytes.copy(after, at)
        this.files.set(key, after)
      },
      truncate: async bytes => void this.files.set(key, get().subarray(0, bytes)),
      sync: async () => void this.syncs++,
      close: async () => {},
    }
  }
}

function keyOf({ segments }: Place): string {
  return segments.join('/')
}

/** A file that holds these bytes and nothing else. */
export function fileOf(bytes: Buffer): DiskFile {
  return {
    size: async () => bytes.length,
    read: async (at, length) => Buffer.from(bytes.subarray(at, at + length)),
    write: async () => {},
    truncate: async () => {},
    sync: async () => {},
    close: async () => {},
  }
}
