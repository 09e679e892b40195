import type { Estate, KnownFields, Settled } from '../../../sandbox-api/glass.ts'
import type { AppSetup } from '../wire.ts'
import { faultAt, ScriptError } from './script-error.ts'
import { Version } from './version.ts'
import type { VersionOwner } from './version-owner.ts'

export interface Reloaded {
  version: Version
  /** The new version's first ticket: what is below was asked by the old one. */
  firstTicket: number
  /** Clients to be adopted. */
  answered: string[]
}

/**
 * Raises the new version beside the old and hands over. Until `close` is called events go to the old one;
 * from then on they have to wait. Throws what is wrong with the new one: the old then serves on as if nothing had been,
 * but for its onStop and onStart. When it succeeds the old one is held.
 */
export async function reload(
  owner: VersionOwner,
  setup: AppSetup,
  old: Version,
  close: () => void,
  reason: 'reload' | 'rollback' = 'reload',
): Promise<Reloaded> {
  const version = await Version.raise(owner, setup)
  try {
    close()
    return await handOver(owner, setup.path, old, version, reason)
  } catch (error) {
    version.dispose()
    throw error
  }
}

async function handOver(
  owner: VersionOwner,
  path: string,
  old: Version,
  version: Version,
  reason: 'reload' | 'rollback',
): Promise<Reloaded> {
  const stopped = await old.ask({ e: 'handOver', path })
  const state = stopped.ok ? stopped.value : undefined
  if (!stopped.ok) owner.commands([{ c: 'fault', hook: 'onStop', ...stopped.fault! }])
  const estate = (await old.ask({ e: 'packEstate' })).value as Estate | undefined
  if (estate === undefined) throw new ScriptError('script-gone', faultAt('the old version was given up', '', 0, 0))
  const packed = await old.ask({ e: 'packFields' })
  if (!packed.ok) owner.commands([{ c: 'fault', hook: 'reload', ...packed.fault! }])
  old.hold()
  await version.ask({ e: 'unpack', estate, fields: packed.ok ? (packed.value as KnownFields[]) : undefined })
  const started = await version.ask({ e: 'takeOver', path, reason, state })
  if (started.ok) return { version, firstTicket: estate.nextTicket, answered: estate.answered }
  old.release()
  const resumed = await old.ask({ e: 'takeOver', path, reason: 'rollback', state })
  if (!resumed.ok) owner.commands([{ c: 'fault', hook: 'onStart', ...resumed.fault! }])
  throw version.framed(new ScriptError('script-start', faultOfStart(started)))
}

function faultOfStart({ fault }: Settled) {
  return { ...fault!, text: `onStart: ${fault!.text}` }
}
