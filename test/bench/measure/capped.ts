import { mkdirSync, rmdirSync, writeFileSync } from 'node:fs'

/** A process group that the scheduler stops once it has used its part of a period (cgroups v1, cpu.cfs_quota_us). */
const root = '/sys/fs/cgroup/cpu'
/** Microseconds. Short, because a process rests for the remainder of each. */
const periodUs = 10_000

/** Whether this machine has such groups, and lets us make them. */
export function canCap(): boolean {
  try {
    capped(process.pid, 1)[Symbol.dispose]()
    return true
  } catch {
    return false
  }
}

/**
 * The process and all its threads have that part of one core at most, as if the machine's cores were so much slower,
 * until they have ended and the group is disposed of.
 */
export function capped(pid: number, part: number): Disposable {
  const group = `${root}/cumulus-bench-${process.pid}-${pid}`
  mkdirSync(group)
  const remove = () => rmdirSync(group)
  try {
    writeFileSync(`${group}/cpu.cfs_period_us`, String(periodUs))
    writeFileSync(`${group}/cpu.cfs_quota_us`, String(Math.round(periodUs * part)))
    writeFileSync(`${group}/cgroup.procs`, String(pid))
  } catch (error) {
    remove()
    throw error
  }
  return {
    [Symbol.dispose]() {
      // Those who are still in it go back to where everybody is.
      tryTo(() => writeFileSync(`${root}/cgroup.procs`, String(pid)))
      tryTo(remove)
    },
  }
}

function tryTo(act: () => void): void {
  try {
    act()
  } catch {
    // The process has ended, or the group is gone with it.
  }
}
