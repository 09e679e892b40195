import { table } from '../table.ts'
import { nameOf } from '../world.ts'
import type { Command } from './command.ts'

export const apps: Command = {
  name: 'apps',
  usage: '',
  help: 'list the applications that have a script',
  run({ world }) {
    const rows = world.applications
      .list()
      .map(({ app, standing, clients, pid, main, hooks }) => [
        nameOf(app),
        standing,
        clients,
        pid || '-',
        main,
        hooks.join(' '),
      ])
    return table(['app', 'standing', 'clients', 'pid', 'script', 'hooks'], rows, 'no application has a script')
  },
}
