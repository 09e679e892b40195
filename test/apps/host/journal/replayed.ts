import { fork } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { hostOptions } from '../../../../server/apps/forked-host.ts'
import { Frames, MAGIC } from '../../../../server/apps/host/journal/frames.ts'
import type { ReplayOrder } from '../../../../server/apps/replay-order.ts'

const program = fileURLToPath(new URL('../../../../server/apps/host/replay-main.ts', import.meta.url))

export interface Replayed {
  /** 0 when all was equal, as `cumulus replay` ends with. */
  code: number
  out: string
  /** SHA-256 of all commands, when all were equal. */
  digest: string
}

/** Replays a journal as `cumulus replay` does. */
export function replayed(file: string, change: Partial<ReplayOrder> = {}): Promise<Replayed> {
  const order: ReplayOrder = { file, print: false, from: null, cumulus: '0.0.0', ...change }
  const child = fork(program, [JSON.stringify(order)], { ...hostOptions(), silent: true })
  let out = ''
  let code = 1
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.setEncoding('utf8').on('data', text => {
      out += text
    })
  }
  child.once('message', isEqual => {
    code = isEqual === true ? 0 : 1
  })
  return new Promise(resolve => {
    child.once('close', () => resolve({ code, out, digest: /sha256 ([0-9a-f]{64})/.exec(out)?.[1] ?? '' }))
  })
}

/** The journals of an application, oldest first. */
export function journalsOf(data: string, name: string): string[] {
  const folder = join(data, 'journals', name)
  return readdirSync(folder)
    .sort()
    .map(file => join(folder, file))
}

/** Where each record of a journal ends, in bytes; the header's first. */
export function recordEnds(file: string): number[] {
  const ends: number[] = []
  let at = MAGIC.length
  for (const payload of new Frames(readFileSync(file).subarray(MAGIC.length))) {
    at += 8 + payload.length
    ends.push(at)
  }
  return ends
}
