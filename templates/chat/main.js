// A chat at rtmp://HOST/__APP__/ROOM: a client connects with its name and calls say(text).
export function onConnection(client, name) {
  if (typeof name !== 'string' || !name.trim()) throw new Error('connect with your name')
  client.name = name.trim()
}

export const calls = {
  say(text) {
    rooms.get(this.room).broadcast('said', this.name, String(text))
  },
}
