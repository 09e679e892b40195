import {
  constants,
  type FileHandle,
  lstat,
  mkdir,
  open,
  readdir,
  realpath,
  rm,
  stat,
  statfs,
  unlink,
} from 'node:fs/promises'
import { join } from 'node:path'
import { RecordError } from './record-error.ts'

/** A file to be read. */
export interface ReadableFile {
  /** As it is now: a recording grows while it is read. */
  size(): Promise<number>
  /** Up to `length` bytes from `at` on; fewer at the end. */
  read(at: number, length: number): Promise<Buffer>
  close(): Promise<void>
}

/** An open file. Positions and sizes in bytes. Whatever the system refuses rejects with its own error. */
export interface DiskFile extends ReadableFile {
  write(bytes: Buffer, at: number): Promise<void>
  truncate(bytes: number): Promise<void>
  /** Resolves when what was written would outlive a power cut. */
  sync(): Promise<void>
}

/** The disk as recordings and showings use it; tests put a slow or a full one in its place. */
export interface Disk {
  /** A new file; one that was there gives way, and who reads it keeps reading the old one. */
  create(place: Place): Promise<DiskFile>
  /** To be continued; null when there is none. */
  reopen(place: Place): Promise<DiskFile | null>
  /** To be read; null when there is none. */
  open(place: Place): Promise<DiskFile | null>
  /** False when there was none. */
  remove(place: Place): Promise<boolean>
  /** Files and folders in a folder below the root, by their names; none when it is not there. */
  list(root: string, folder: readonly string[]): Promise<{ name: string; isFolder: boolean }[]>
  /** Bytes that may still be written; of the folder a place is in. */
  room(place: Place): Promise<number>
}

/** A file below a root. `segments` are names without slashes, checked by whoever made the place. */
export interface Place {
  readonly root: string
  readonly segments: readonly string[]
}

/**
 * The file system. Nothing is followed out of the root: the root itself may be a symbolic link, for that is the
 * operator's word; below it neither folders nor files may be.
 */
export const systemDisk: Disk = {
  async create(place) {
    const path = await reach(place, true)
    if (path === null) throw new RecordError('NoAccess', 'there is no such folder')
    await refuseLinks(path)
    await rm(path, { force: true })
    return new SystemFile(await open(path, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, 0o644))
  },
  async reopen(place) {
    return openRegular(place, constants.O_RDWR)
  },
  async open(place) {
    return openRegular(place, constants.O_RDONLY)
  },
  async remove(place) {
    const path = await reach(place, false)
    if (path === null) return false
    try {
      await unlink(path)
      return true
    } catch (error) {
      if (['ENOENT', 'ENOTDIR', 'EISDIR', 'EPERM', 'ENAMETOOLONG'].includes(codeOf(error))) return false
      throw error
    }
  },
  async list(root, folder) {
    const path = await reach({ root, segments: [...folder, ''] }, false)
    if (path === null) return []
    const entries = await readdir(path, { withFileTypes: true }).catch(() => [])
    return entries
      .filter(entry => entry.isFile() || entry.isDirectory())
      .map(entry => ({ name: entry.name, isFolder: entry.isDirectory() }))
  },
  async room(place) {
    const path = await reach({ ...place, segments: [...place.segments.slice(0, -1), ''] }, false)
    const { bavail, bsize } = await statfs(path ?? place.root)
    return bavail * bsize
  },
}

async function openRegular(place: Place, how: number): Promise<DiskFile | null> {
  const path = await reach(place, false)
  if (path === null) return null
  try {
    // Without O_NONBLOCK opening a pipe would wait for somebody to write into it.
    const handle = await open(path, how | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    if ((await handle.stat()).isFile()) return new SystemFile(handle)
    await handle.close()
    return null
  } catch (error) {
    // ELOOP: it is a symbolic link; ENAMETOOLONG: no file has such a name.
    if (['ENOENT', 'ENOTDIR', 'ELOOP', 'EISDIR', 'ENAMETOOLONG'].includes(codeOf(error))) return null
    throw error
  }
}

/** The path of a place whose folders are folders, one after another; null when one of them is missing or leads elsewhere. */
export async function reach({ root, segments }: Place, make: boolean): Promise<string | null> {
  const folders = segments.slice(0, -1)
  if (make) await mkdir(root, { recursive: true })
  let path: string
  try {
    path = await realpath(root)
    for (const folder of folders) {
      path = join(path, folder)
      if (make) await mkdirOnce(path)
      if ((await realpath(path)) !== path || !(await stat(path)).isDirectory()) return null
    }
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG'].includes(codeOf(error)) && !make) return null
    throw error
  }
  return join(path, segments.at(-1)!)
}

async function mkdirOnce(path: string): Promise<void> {
  try {
    await mkdir(path)
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
  }
}

/** What stands where a recording is to be: a file, or nothing. */
async function refuseLinks(path: string): Promise<void> {
  const there = await lstat(path).catch(() => null)
  if (there && !there.isFile()) throw new RecordError('NoAccess', 'something else has that name')
}

export function codeOf(error: unknown): string {
  return String((error as NodeJS.ErrnoException | null)?.code ?? '')
}

class SystemFile implements DiskFile {
  readonly #handle: FileHandle

  constructor(handle: FileHandle) {
    this.#handle = handle
  }

  async size(): Promise<number> {
    return (await this.#handle.stat()).size
  }

  async read(at: number, length: number): Promise<Buffer> {
    const bytes = Buffer.allocUnsafe(length)
    let has = 0
    while (has < length) {
      const { bytesRead } = await this.#handle.read(bytes, has, length - has, at + has)
      if (bytesRead === 0) break
      has += bytesRead
    }
    return bytes.subarray(0, has)
  }

  async write(bytes: Buffer, at: number): Promise<void> {
    for (let has = 0; has < bytes.length; ) {
      has += (await this.#handle.write(bytes, has, bytes.length - has, at + has)).bytesWritten
    }
  }

  truncate(bytes: number): Promise<void> {
    return this.#handle.truncate(bytes)
  }

  sync(): Promise<void> {
    return this.#handle.datasync()
  }

  close(): Promise<void> {
    return this.#handle.close()
  }
}
