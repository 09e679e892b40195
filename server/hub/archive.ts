import type { Frame } from '../media/frame.ts'
import type { PublicationFacts } from './facts.ts'
import type { Publication } from './publication.ts'

/** How a publication is to be recorded. */
export interface RecordWish {
  readonly format: 'flv' | 'mp4'
  /** `record`: the file begins anew; `append`: it goes on where it ended. */
  readonly mode: 'record' | 'append'
  /** Milliseconds after which, at a key frame, another file begins; 0 never. */
  readonly segment: number
  /** The address it is recorded under, within its application; '' is its own. */
  readonly path: string
  /** Who wants it: clients may be forbidden to. */
  readonly by: 'client' | 'script' | 'config'
}

export type RecordNews = 'Start' | 'Stop' | 'Failed' | 'NoAccess'

/** Hears what becomes of a recording: first Start, Failed or NoAccess, later Stop or Failed. */
export type RecordTold = (news: RecordNews, text: string) => void

export type FilmFormat = 'flv' | 'mp4' | 'mp3'

/** What of which file is to be shown. */
export interface ShowRequest {
  /** The application's path. */
  readonly app: string
  readonly address: string
  /** The format the player named, or null: then FLV is looked for first. */
  readonly format: FilmFormat | null
  /** Milliseconds of the file's time; negative: so many before its end. */
  readonly start: number
  /** Milliseconds; 0 is one picture, Infinity everything. */
  readonly length: number
  /** The player's buffer in ms; 0 when it did not say. */
  readonly buffer: number
}

/** Where a file's frames go. Nothing here throws. */
export interface Screen {
  /** Bytes that have not left this process. */
  readonly queuedBytes: number
  /** Frames of the file at their own times in it; headers again after every seek. */
  frame(frame: Frame): void
  /** Nothing follows. `damage`: why it ends before its end, or null. */
  ended(end: ShowEnd): void
}

export interface ShowEnd {
  /** Milliseconds shown. */
  readonly duration: number
  /** Of media. */
  readonly bytes: number
  readonly damage: string | null
}

/** A file that is being shown to one player, at the speed at which its buffer empties. */
export interface Show {
  /** Milliseconds. */
  readonly duration: number
  /** Milliseconds of the file's time of the newest frame that was sent. */
  readonly position: number
  /** Frames begin to flow; asked once, when the player has been told that they come. */
  start(): void
  pause(paused: boolean): void
  /** To the key frame at or before `ms`; `done` is called before the first frame from there. */
  seek(ms: number, done: () => void): void
  buffer(ms: number): void
  close(): void
}

/** What is recorded, and shown again. Questions are answered once, at once or later; nothing here throws. */
export interface Archive {
  record(publication: Publication, wish: RecordWish, told?: RecordTold): void
  /** Ends all recordings of a publication; it goes on. */
  stop(publication: Publication): void
  /** It is live from now on: the configuration may want it recorded. */
  began(publication: Publication): void
  /** Its publisher is gone. */
  ended(publication: Publication): void
  /** Null when there is no such file; a text when it cannot be shown. */
  show(request: ShowRequest, screen: Screen, answer: (show: Show | string | null) => void): void
  /** Null when there is no such file. */
  facts(app: string, address: string, format: FilmFormat | null, answer: (facts: FilmFacts | null) => void): void
  /** Deletes the files of one address; gives how many there were. Those that are being written stay. */
  delete(app: string, address: string, format: FilmFormat | null, answer: (count: number) => void): void
  /** Deletes all files below an address of the application; '' is all it has. */
  clear(app: string, address: string, answer: (count: number) => void): void
}

export interface FilmFacts {
  readonly seconds: number
  readonly bytes: number
}

/** A file that is being recorded, and what is to be said of it when it is closed. */
export interface FileTaken {
  /** Its path below the folder of recordings. */
  readonly file: string
  readonly format: 'flv' | 'mp4'
  /** Its address within the application. */
  readonly address: string
  /** What is recorded, as it was when that began. */
  readonly facts: PublicationFacts
}

/** Where nothing is kept. */
export const noArchive: Archive = {
  record: (_publication, _wish, told) => told?.('Failed', 'nothing is recorded here'),
  stop() {},
  began() {},
  ended() {},
  show: (_request, _screen, answer) => answer(null),
  facts: (_app, _address, _format, answer) => answer(null),
  delete: (_app, _address, _format, answer) => answer(0),
  clear: (_app, _address, answer) => answer(0),
}
