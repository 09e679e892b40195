import { apps } from './apps.ts'
import { clients } from './clients.ts'
import type { Command } from './command.ts'
import { kick } from './kick.ts'
import { publications } from './publications.ts'
import { reload } from './reload.ts'
import { stats } from './stats.ts'
import { unpublish } from './unpublish.ts'

export const commands: ReadonlyMap<string, Command> = new Map(
  [apps, clients, publications, kick, unpublish, reload, stats].map(command => [command.name, command]),
)
