import { decode } from '../amf.ts'
import { ObjectClass, setOwn } from '../primordials.ts'

/** An information object, as onStatus gets it. */
export interface NetInfo {
  level: string
  code: string
  description: string
}

export function infoOf(level: 'status' | 'error', code: string, description: string): NetInfo {
  const info = new ObjectClass() as NetInfo
  setOwn(info, 'level', level)
  setOwn(info, 'code', code)
  setOwn(info, 'description', description)
  return info
}

/** Another server's; what cannot be read is undefined. Runs classes of the script's: call it where a cut is noticed. */
export function readInfo(bytes: Uint8Array): unknown {
  return decode(bytes)[0]
}

export function codeOf(info: unknown): string {
  const code = typeof info === 'object' && info !== null ? (info as { code?: unknown }).code : undefined
  return typeof code === 'string' ? code : ''
}
