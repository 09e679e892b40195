import { plain } from '../table.ts'
import type { Command } from './command.ts'

export const kick: Command = {
  name: 'kick',
  usage: 'ID [REASON]',
  help: 'close the connection of a client; the first digits of its id are enough',
  run({ world, words: [id = '', ...reason] }) {
    if (!/^[0-9a-f]+$/i.test(id)) throw new Error('.kick needs the id of a client: .clients shows them')
    const found = [...world.hub.clients.values()].filter(client => client.id.startsWith(id.toLowerCase()))
    const [client] = found
    if (!client) throw new Error(`no client's id begins with ${id}: .clients shows them`)
    if (found.length > 1) throw new Error(`${found.length} clients' ids begin with ${id}: give more of it`)
    client.peer.close({ code: 'Connect.Closed', description: reason.join(' ') || 'closed by the operator' })
    return `client ${client.id.slice(0, 12)} (${plain(client.facts.address)}) was closed`
  },
}
