// Publishers bring a key, rtmp://HOST/__APP__/NAME?key=…; viewers a ticket that is good for a while:
// const ticket = await call('ticket', key), then rtmp://HOST/__APP__ with connect(ticket).
const keys = new Map([['studio', 'tulip']])
const ticketMs = 60_000
const tickets = new Map()

export function onConnection(client, ticket) {
  if (ticket === undefined) return
  const until = tickets.get(ticket)
  if (until === undefined || until < Date.now()) throw new Error('this ticket is not good, or no more')
  client.mayWatch = true
}

export function onPublish(client, publication) {
  if (!isKey(publication.query.key ?? client.key)) throw new Error(`${publication.name} needs its key`)
}

export function onSubscribe(client) {
  if (!client.mayWatch) throw new Error('connect with a ticket')
}

export const calls = {
  ticket(key) {
    if (!isKey(key)) throw new Error('that is no key')
    const ticket = crypto.randomUUID()
    tickets.set(ticket, Date.now() + ticketMs)
    setTimeout(() => tickets.delete(ticket), ticketMs)
    return ticket
  },
}

function isKey(key) {
  return [...keys.values()].includes(key)
}
