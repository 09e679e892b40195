import { fork } from 'node:child_process'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { hostOptions } from './forked-host.ts'
import type { ReplayOrder } from './replay-order.ts'

/** As source in a checkout, as plain JavaScript in the published package. */
const program = new URL(`./host/replay-main${extname(import.meta.url)}`, import.meta.url)

/** Replays a journal in a process of its own, which writes to this one's output; resolves to whether all was equal. */
export function forkReplay(order: ReplayOrder): Promise<boolean> {
  const child = fork(fileURLToPath(program), [JSON.stringify(order)], { ...hostOptions(), stdio: 'inherit' })
  let isEqual = false
  child.once('message', told => {
    isEqual = told === true
  })
  return new Promise(resolve => child.once('close', () => resolve(isEqual)))
}
