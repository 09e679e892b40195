import { CodedError, complaintOf } from '../base/errors.ts'

/** What the system refuses when a server wants to listen, in words and with a way out. */
const systemErrors = new Map<string, { sentence: (where: string) => string; remedy: string }>([
  [
    'EADDRINUSE',
    {
      sentence: where => `another program listens on ${where} already`,
      remedy: 'Stop it (`ss -ltnp` names it), or take another port: --set rtmp.port=1936.',
    },
  ],
  [
    'EACCES',
    {
      sentence: where => `listening on ${where} is not allowed`,
      remedy: 'Ports below 1024 belong to root; take another port: --set rtmp.port=1935.',
    },
  ],
  [
    'EADDRNOTAVAIL',
    {
      sentence: where => `${where} is no address of this machine`,
      remedy: 'Leave [rtmp] interface empty to listen on all of them.',
    },
  ],
])

/** The lines for whoever started the server: code, sentence, remedy. A stack only where the defect is the server's own. */
export function startErrorText(error: unknown): string {
  if (error instanceof CodedError) return complaintOf(error)
  const { code, address, port } = (error ?? {}) as { code?: string; address?: string; port?: number }
  const known = code === undefined ? undefined : systemErrors.get(code)
  if (known) return lines(code!, known.sentence(`${address ?? 'the address'}:${port ?? '?'}`), known.remedy)
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return lines(
    'DEFECT',
    'the server could not start, and the fault is its own',
    `Please report these lines.\n${detail}`,
  )
}

function lines(code: string, message: string, remedy: string): string {
  return complaintOf({ code, message, remedy })
}
