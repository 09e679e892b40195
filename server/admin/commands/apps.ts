import { plain, table } from '../table.ts'
import { nameOf } from '../world.ts'
import type { Command } from './command.ts'

export const apps: Command = {
  name: 'apps',
  usage: '',
  help: 'list the applications that have a script',
  run({ world }) {
    const list = world.applications.list()
    const rows = list.map(({ app, standing, clients, pid, main, hooks }) => [
      nameOf(app),
      standing,
      clients,
      pid || '-',
      main,
      hooks.join(' '),
    ])
    const remarks = list
      .filter(({ trouble }) => trouble !== '')
      .map(({ app, trouble }) => `${nameOf(app)} serves the version before its last save: ${plain(trouble)}`)
    const shown = table(['app', 'standing', 'clients', 'pid', 'script', 'hooks'], rows, 'no application has a script')
    return [shown, ...remarks].join('\n')
  },
}
