// The root application starts with the server. What an application below does not answer itself is asked here.

export function onStart(path) {
  console.info(`${path || '/'} starts`)
}

export function onConnection(client) {
  console.info(`${client.address} comes to ${client.path || '/'} by ${client.protocol}`)
}

export function onDisconnection(client) {
  console.info(`${client.address} has left ${client.path || '/'}`)
}
