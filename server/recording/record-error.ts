import { messageOf } from '../base/errors.ts'

/** Why nothing is recorded, or no more: the end of the status `NetStream.Record.…` and its words. */
export class RecordError extends Error {
  override readonly name = 'RecordError'
  readonly code: 'Failed' | 'NoAccess'

  constructor(code: 'Failed' | 'NoAccess', sentence: string) {
    super(sentence)
    this.code = code
  }
}

/** The system's word for what went wrong, as an operator or a publisher may read it: no paths of this machine. */
export function recordError(thrown: unknown): RecordError {
  if (thrown instanceof RecordError) return thrown
  const code = String((thrown as NodeJS.ErrnoException | null)?.code ?? '')
  const known = sentences.get(code)
  if (known) return new RecordError(known.code, known.text)
  return new RecordError('Failed', code === '' ? messageOf(thrown) : `the disk refused (${code})`)
}

const sentences = new Map<string, { code: 'Failed' | 'NoAccess'; text: string }>([
  ['ENOSPC', { code: 'Failed', text: 'the disk is full' }],
  ['EDQUOT', { code: 'Failed', text: 'the quota of the disk is used up' }],
  ['EIO', { code: 'Failed', text: 'the disk failed' }],
  ['EFBIG', { code: 'Failed', text: 'the file is as large as the system lets it be' }],
  ['EMFILE', { code: 'Failed', text: 'the server has as many files open as the system lets it' }],
  ['EACCES', { code: 'NoAccess', text: 'the server may not write there' }],
  ['EPERM', { code: 'NoAccess', text: 'the server may not write there' }],
  ['EROFS', { code: 'NoAccess', text: 'the disk is read-only' }],
  ['EISDIR', { code: 'NoAccess', text: 'a folder has that name' }],
  ['ENOTDIR', { code: 'NoAccess', text: 'what should be a folder is none' }],
  ['ENAMETOOLONG', { code: 'NoAccess', text: 'the name is too long for a file' }],
])
