import type { SharedSave, SharedStock } from '../hub/shared-store.ts'

/** What crosses between the server and the thread that writes; orders are carried out in the order they came in. */
export type StoreOrder =
  | { order: 'load'; ticket: number }
  | { order: 'save'; ticket: number; saves: readonly SharedSave[] }
  | { order: 'close'; ticket: number }

export type StoreAnswer =
  | { answer: 'loaded'; ticket: number; stock: SharedStock }
  | { answer: 'done'; ticket: number }
  | { answer: 'failed'; ticket: number; text: string }
