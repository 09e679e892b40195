// A chat in rooms, rtmp://HOST/chat/ROOM. A client connects with its name and calls say(text) and who();
// it is told came(name), said(name, text) and left(name).
const nameLength = 40
const textLength = 500

export function onConnection(client, name) {
  if (typeof name !== 'string' || !name.trim()) throw new Error('connect with your name')
  client.name = name.trim().slice(0, nameLength)
  tell(client.room, 'came', client.name)
  return { here: namesIn(client.room) }
}

export function onDisconnection(client) {
  tell(client.room, 'left', client.name)
}

/** What every client may call; `this` is the one who calls. */
export const calls = {
  say(text) {
    tell(this.room, 'said', this.name, String(text).slice(0, textLength))
  },
  who() {
    return namesIn(this.room)
  },
}

function tell(room, message, ...values) {
  for (const client of inRoom(room)) client.writer.writeAMFMessage(message, ...values)
}

function namesIn(room) {
  return inRoom(room).map(client => client.name)
}

function inRoom(room) {
  return [...clients].map(([, client]) => client).filter(client => client.room === room)
}
