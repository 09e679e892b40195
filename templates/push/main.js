// Tells everybody at rtmp://HOST/__APP__ what happens: `news` to all at once, `time` once a second.
const everyMs = 1_000
let last = 'nothing yet'

export function onStart() {
  setInterval(() => server.broadcast('time', new Date().toISOString()), everyMs)
}

export function onConnectionAccepted(client) {
  client.writer.writeAMFMessage('news', last)
}

export const calls = {
  tell(text) {
    last = String(text)
    server.broadcast('news', last)
  },
}
