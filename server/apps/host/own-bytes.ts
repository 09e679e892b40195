import type { AppEvent } from '../wire.ts'

/**
 * Gives an event bytes of its own. What comes through the channel is a window on a buffer that holds other messages,
 * perhaps of other applications; a script could look at all of it through `bytes.buffer`.
 */
export function ownBytes(event: AppEvent): void {
  switch (event.e) {
    case 'client':
      event.facts.args = copied(event.facts.args)
      break
    case 'metadata':
      event.metadata = copied(event.metadata)
      break
    case 'call':
    case 'appCall':
      event.args = copied(event.args)
      break
    case 'answer':
      if (event.value !== undefined) event.value = copied(event.value)
      break
    case 'fields':
      for (const field of event.fields) field[1] &&= copied(field[1])
      break
    case 'shared':
      for (const slot of event.facts.slots) if (slot.value) slot.value = copied(slot.value)
      break
    case 'sharedMessage':
      event.args = copied(event.args)
      break
    case 'netConnected':
    case 'netStatus':
    case 'netStreamStatus':
      event.info = copied(event.info)
      break
    case 'netCalled':
      event.args = copied(event.args)
      break
    case 'netShared':
      ownBytes(event.told)
      break
    case 'packets':
      for (const facts of event.packets) facts.packet = copied(facts.packet)
      break
  }
}

function copied(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes)
}
