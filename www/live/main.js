// Who may publish here. Set a word and save: the new rule holds at once, and everybody stays connected.
const word = ''
export function onPublish(client, publication) {
  if (word && client.word !== word) throw new Error(`${publication.name} needs the word: rtmp://HOST/live?word=…`)
  console.info(`${client.address} publishes ${publication.name}`)
}

export function onSubscribe(client, listener) {
  console.info(`${client.address} watches ${listener.publication.name}`)
}
