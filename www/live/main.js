// Who may publish here. Set a word and save: the new rule holds at once, and everybody stays connected.
const word = ''
export function onPublish(client, publication) {
  const said = publication.query.word ?? client.word
  if (word && said !== word) throw new Error(`${publication.name} needs the word: rtmp://HOST/live/NAME?word=…`)
  console.info(`${client.address} publishes ${publication.name}`)
}

export function onSubscribe(client, listener) {
  console.info(`${client.address} watches ${listener.publication.name}`)
}
