import { parentPort, workerData } from 'node:worker_threads'
import { messageOf } from '../base/errors.ts'
import { SharedDatabase } from './database.ts'
import type { StoreAnswer, StoreOrder } from './wire.ts'

/** The program of the thread that writes: SQLite waits for the disk, and nobody else has to. */
const port = parentPort!
const { file } = workerData as { file: string }
let database: SharedDatabase | undefined

function carryOut(order: StoreOrder): StoreAnswer {
  try {
    database ??= new SharedDatabase(file)
    if (order.order === 'load') return { answer: 'loaded', ticket: order.ticket, stock: database.load() }
    if (order.order === 'save') database.save(order.saves)
    else {
      database.close()
      database = undefined
    }
    return { answer: 'done', ticket: order.ticket }
  } catch (error) {
    return { answer: 'failed', ticket: order.ticket, text: messageOf(error) }
  }
}

port.on('message', (order: StoreOrder) => {
  port.postMessage(carryOut(order))
  if (order.order === 'close') port.close()
})
