/** What the process that replays a journal is told on its command line, as JSON. */
export interface ReplayOrder {
  /** The journal. */
  file: string
  /** Only shows what is in it. */
  print: boolean
  /** The folder whose sources take the place of the recorded ones; null: those of the journal. */
  from: { folder: string; main: string } | null
  /** Of the server that replays. */
  cumulus: string
}
