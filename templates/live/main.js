// Who may publish and who may watch at rtmp://HOST/__APP__. Save, and the new rule holds at once.
const publishersMax = 10

export function onPublish(client, publication) {
  if (publications.count > publishersMax) throw new Error('all places are taken')
  console.info(`${client.address} publishes ${publication.name}`)
}

export function onSubscribe(client, listener) {
  console.info(`${client.address} watches ${listener.publication.name}`)
}
