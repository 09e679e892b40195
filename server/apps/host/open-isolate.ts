import { randomBytes } from 'node:crypto'
import type { AppSetup } from '../wire.ts'
import { type Cell, Isolate } from './isolate.ts'
import { journaled } from './journal/journaled-isolate.ts'
import { SEED_BYTES } from './limits.ts'
import { memoryLimit } from './script-error.ts'
import type { VersionOwner } from './version-owner.ts'

/** An isolate for a version of the application, told what its runtime may know. */
export function openIsolate(owner: VersionOwner, setup: AppSetup): Promise<Cell> {
  const { path, limits, allow, configFile, config, server, wwwFolder, instance } = setup
  const seed = new Uint8Array(randomBytes(SEED_BYTES))
  const { socketBytes } = setup.outside
  const journal = owner.journals.forVersion(setup)
  const own = { seed, instance, journal: journal !== undefined }
  const glass = { path, limits, allow, configFile, socketBytes, config, server, wwwFolder, ...own }
  const create = journal === undefined ? Isolate.create : journaled(journal)
  return create(limits.memory, glass, {
    clock: owner.clock,
    isVirtual: owner.rehearsal !== undefined,
    lost: () => owner.spent(memoryLimit(setup)),
  })
}
