import { table } from '../table.ts'
import { nameOf } from '../world.ts'
import type { Command } from './command.ts'

/** Characters of an id that are shown: enough to tell clients apart, and to name one. */
const idShown = 12

export const clients: Command = {
  name: 'clients',
  usage: '',
  help: 'list the clients of all applications',
  run({ world }) {
    const rows = [...world.hub.clients.values()].map(client => {
      const { ping, bytesIn, bytesOut } = client.peer.figures()
      const { address, protocol, room } = client.facts
      const does = [...[...client.publications].map(() => 'publishes'), ...[...client.listeners].map(() => 'plays')]
      return [
        client.id.slice(0, idShown),
        nameOf(client.app),
        room || '-',
        protocol,
        address,
        `${Math.round(ping)} ms`,
        bytesIn,
        bytesOut,
        [...new Set(does)].join(', ') || '-',
      ]
    })
    const head = ['client', 'app', 'room', 'protocol', 'address', 'ping', 'bytes in', 'bytes out', 'does']
    return table(head, rows, 'nobody is connected')
  },
}
