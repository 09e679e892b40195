import { Callers } from './callers.ts'
import { Churn } from './churn.ts'
import { Idle } from './idle.ts'
import { Players } from './players.ts'
import { Publisher } from './publisher.ts'
import { type Role, type RoleOptions, usualOptions } from './role.ts'
import { Tenants } from './tenants.ts'

/**
 * One process of the load. `node main.ts ROLE JSON`, with a channel to whoever forked it: says `ready` when everyone
 * is connected, then does what it is asked. It ends with its parent.
 */
const roles: Readonly<Record<string, new (options: RoleOptions) => Role>> = {
  callers: Callers,
  churn: Churn,
  idle: Idle,
  players: Players,
  publisher: Publisher,
  tenants: Tenants,
}

export interface Task {
  readonly task: string
  readonly options: Readonly<Record<string, number>>
}

export type Report = { readonly ready: true } | { readonly result: unknown } | { readonly failure: string }

const [name = '', json = '{}'] = process.argv.slice(2)
const Chosen = roles[name]
if (!Chosen) throw new Error(`no role ${name}: ${Object.keys(roles).join(', ')}`)

const tell = (report: Report): void => {
  process.send?.(report)
}
const fail = (error: unknown): void => tell({ failure: error instanceof Error ? error.message : String(error) })

const role = new Chosen({ ...usualOptions, ...JSON.parse(json) })
role.ready.then(() => tell({ ready: true }), fail)
process.on('message', async ({ task, options }: Task) => {
  try {
    tell({ result: await role.perform(task, options) })
  } catch (error) {
    fail(error)
  }
})
process.on('disconnect', () => process.exit())
