import { duration } from '../table.ts'
import type { Command } from './command.ts'

const megabyte = 1024 * 1024

export const stats: Command = {
  name: 'stats',
  usage: '',
  help: 'show what the server has and holds',
  run({ world }) {
    const { clients, listeners, publications } = world.hub
    const live = [...publications.values()].filter(({ publisher }) => publisher !== null)
    const up = world.applications.list().filter(({ standing }) => standing === 'up')
    const { rss, heapUsed } = process.memoryUsage()
    return [
      `cumulus ${world.version}, process ${process.pid}, up for ${duration(process.uptime() * 1000)}`,
      `${clients.size} clients, ${live.length} publications, ${listeners.size} listeners`,
      `${up.length} applications up, ${world.workers === 1 ? 'no media workers' : `${world.workers} media workers`}`,
      `${Math.round(rss / megabyte)} MB resident, ${Math.round(heapUsed / megabyte)} MB of it heap in use`,
    ].join('\n')
  },
}
