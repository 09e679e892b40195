import { IP_RANGE_TEXT } from './limits.ts'
import { TypeErrorClass, toNumber } from './primordials.ts'
import { readHost } from './web/url-host.ts'

const ipv4 = /^(25[0-5]|2[0-4]\d|1?\d?\d)(\.(25[0-5]|2[0-4]\d|1?\d?\d)){3}$/
const withPrefix = /^([^/]*)\/(\d{1,3})$/

/** An IP address, or a range in CIDR notation. Throws a TypeError that names what is neither. */
export function readIpRange(what: string, given: unknown): string {
  if (typeof given === 'string' && given.length <= IP_RANGE_TEXT) {
    const [, address, prefix] = withPrefix.exec(given) ?? [given, given, '0']
    const bits = bitsOf(address!)
    if (bits > 0 && toNumber(prefix) <= bits) return given
  }
  const shown = typeof given === 'string' ? `"${given.slice(0, IP_RANGE_TEXT)}"` : typeof given
  throw new TypeErrorClass(`${what}: ${shown} is no IP address and no range like 10.0.0.0/8 or 2001:db8::/32`)
}

/** 0 for what is no address. */
function bitsOf(address: string): number {
  if (ipv4.test(address)) return 32
  return address.includes(':') && readHost(`[${address}]`, true) !== undefined ? 128 : 0
}
