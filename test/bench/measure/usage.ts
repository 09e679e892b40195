import { readdirSync, readFileSync } from 'node:fs'
import { cores } from './pinned.ts'

/** The kernel's ticks in a second (USER_HZ), which is 100 on every Linux of this age. */
const ticksPerSecond = 100

export interface Usage {
  /** Seconds of the monotonic clock. */
  readonly at: number
  /** CPU seconds, user and system together, of all processes and threads. */
  readonly cpu: number
  readonly user: number
  readonly system: number
  /** Calls of write, writev and their like (sendto and sendmsg are not among them). */
  readonly writes: number
  /** Resident bytes. */
  readonly resident: number
  /** Seconds that the server's core was busy with anything. */
  readonly coreBusy: number
}

/** What a process and all it started have used so far. A process that ended meanwhile counts no more. */
export function usageOf(pid: number): Usage {
  const pids = treeOf(pid)
  const sum = (of: (pid: number) => number) => pids.reduce((total, each) => total + of(each), 0)
  const user = sum(each => statOf(each).user)
  const system = sum(each => statOf(each).system)
  return {
    at: performance.now() / 1000,
    cpu: user + system,
    user,
    system,
    writes: sum(each => Number(/^syscw: (\d+)/m.exec(read(`/proc/${each}/io`))?.[1] ?? 0)),
    resident: sum(each => Number(/^VmRSS:\s+(\d+)/m.exec(read(`/proc/${each}/status`))?.[1] ?? 0) * 1024),
    coreBusy: coreBusy(),
  }
}

/** Resident bytes, each page divided by the number of processes that share it (proc_pid_smaps, Pss). */
export function proportionalBytes(pid: number): number {
  return Number(/^Pss:\s+(\d+)/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0) * 1024
}

/** What was used between two looks. */
export function between(before: Usage, after: Usage): Usage {
  return {
    at: after.at - before.at,
    cpu: after.cpu - before.cpu,
    user: after.user - before.user,
    system: after.system - before.system,
    writes: after.writes - before.writes,
    resident: after.resident - before.resident,
    coreBusy: after.coreBusy - before.coreBusy,
  }
}

/** The part of its core's time that went to strangers: a run with much of it is worth little. */
export function foreignPart(used: Usage): number {
  return Math.max(0, used.coreBusy - used.cpu) / used.at
}

/** The process and its descendants. */
export function treeOf(pid: number): number[] {
  const found = [pid]
  for (const each of found) {
    for (const thread of list(`/proc/${each}/task`)) {
      const children = read(`/proc/${each}/task/${thread}/children`).split(' ').filter(Boolean).map(Number)
      found.push(...children.filter(child => !found.includes(child)))
    }
  }
  return found
}

/** Fields 14 and 15 of /proc/PID/stat, counted behind the name, which may hold anything (proc(5)). */
function statOf(pid: number): { user: number; system: number } {
  const stat = read(`/proc/${pid}/stat`)
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return { user: Number(fields[11] ?? 0) / ticksPerSecond, system: Number(fields[12] ?? 0) / ticksPerSecond }
}

/** All of the core's time but idle and iowait. */
function coreBusy(): number {
  const line = read('/proc/stat')
    .split('\n')
    .find(each => each.startsWith(`cpu${cores.server} `))
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = (line ?? '').split(' ').slice(1).map(Number)
  return (user + nice + system + irq + softirq) / ticksPerSecond
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

function list(path: string): string[] {
  try {
    return readdirSync(path)
  } catch {
    return []
  }
}
