import { max, TypeErrorClass, textIndexOf, textLastIndexOf, textSlice, toNumber } from '../primordials.ts'

/** A host and a port as a script gives them. */
export interface Endpoint {
  host: string
  port: number
}

/** Throws a TypeError that names the argument. */
export function readEndpoint(host: unknown, port: unknown, what: string): Endpoint {
  if (typeof host !== 'string' || host === '') throw new TypeErrorClass(`${what}: host is a text like "example.com"`)
  return { host, port: readPort(port, 1, what) }
}

/** `ip:port`, IPv6 in brackets. */
export function readAddress(address: unknown, least: number, what: string): Endpoint {
  const text = typeof address === 'string' ? address : ''
  const colon = textLastIndexOf(text, ':')
  const bracketed = text[0] === '[' && text[colon - 1] === ']'
  const host = bracketed ? textSlice(text, 1, colon - 1) : textSlice(text, 0, max(colon, 0))
  if (host === '' || (!bracketed && textIndexOf(host, ':') >= 0)) {
    throw new TypeErrorClass(`${what}: address is a text like "127.0.0.1:7000" or "[::1]:7000"`)
  }
  return { host, port: readPort(textSlice(text, colon + 1), least, what) }
}

export function readPort(port: unknown, least: number, what: string): number {
  const known = typeof port === 'string' && port !== '' ? toNumber(port) : port
  if (typeof known !== 'number' || !(known >= least && known <= 65_535) || known % 1 !== 0) {
    throw new TypeErrorClass(`${what}: port is a whole number from ${least} to 65535`)
  }
  return known
}
