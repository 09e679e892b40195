/** Of `bits` bits the first `prefix` count: an address (all of them) or a range in CIDR notation. */
interface Range {
  readonly bits: 32 | 128
  readonly prefix: number
  readonly value: bigint
}

/** IP addresses and ranges of them, in CIDR notation. Looking one up costs as much as there are lengths of prefixes. */
export class IpRanges {
  readonly #max: number
  /** As they were given, by key. */
  readonly #texts = new Map<string, string>()
  /** How many there are of each length of prefix, by the bits of its addresses. */
  readonly #prefixes = { 32: new Map<number, number>(), 128: new Map<number, number>() }

  constructor(max = Number.POSITIVE_INFINITY) {
    this.#max = max
  }

  get texts(): readonly string[] {
    return [...this.#texts.values()]
  }

  /** False when it is no address or range, or there are `max` already. */
  add(text: string): boolean {
    const range = readRange(text)
    if (!range) return false
    const key = keyOf(range, range.prefix)
    if (this.#texts.has(key)) return true
    if (this.#texts.size >= this.#max) return false
    this.#texts.set(key, text)
    const prefixes = this.#prefixes[range.bits]
    prefixes.set(range.prefix, (prefixes.get(range.prefix) ?? 0) + 1)
    return true
  }

  remove(text: string): void {
    const range = readRange(text)
    if (!range || !this.#texts.delete(keyOf(range, range.prefix))) return
    const prefixes = this.#prefixes[range.bits]
    const left = prefixes.get(range.prefix)! - 1
    if (left > 0) prefixes.set(range.prefix, left)
    else prefixes.delete(range.prefix)
  }

  /** Is the address one of them, or within one? IPv4 addresses that came through an IPv6 socket are what they are. */
  covers(address: string): boolean {
    if (this.#texts.size === 0) return false
    const range = readRange(address)
    if (!range) return false
    for (const prefix of this.#prefixes[range.bits].keys()) if (this.#texts.has(keyOf(range, prefix))) return true
    return false
  }
}

/** "ip:port" without its port, and IPv6 without its brackets. */
export function ipOf(endpoint: string): string {
  return endpoint.slice(0, endpoint.lastIndexOf(':')).replace(/^\[|\]$/g, '')
}

function keyOf({ bits, value }: Range, prefix: number): string {
  return `${bits}/${prefix}/${value >> BigInt(bits - prefix)}`
}

function readRange(text: string): Range | null {
  const slash = text.indexOf('/')
  const address = readAddress(slash < 0 ? text : text.slice(0, slash))
  if (!address || slash < 0) return address
  const length = text.slice(slash + 1)
  const prefix = /^\d{1,3}$/.test(length) ? Number(length) : Number.POSITIVE_INFINITY
  return prefix <= address.bits ? { ...address, prefix } : null
}

function readAddress(text: string): Range | null {
  const v4 = readIpv4(text)
  if (v4 !== null) return { bits: 32, prefix: 32, value: v4 }
  if (!text.includes(':') || !URL.canParse(`http://[${text}]/`)) return null
  const groups = expanded(new URL(`http://[${text}]/`).hostname.slice(1, -1))
  const value = groups.reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n)
  const mapped = value >> 32n === 0xffffn
  return mapped ? { bits: 32, prefix: 32, value: value & 0xffff_ffffn } : { bits: 128, prefix: 128, value }
}

function readIpv4(text: string): bigint | null {
  const parts = text.split('.')
  if (parts.length !== 4 || !parts.every(part => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256)) return null
  return parts.reduce((sum, part) => (sum << 8n) | BigInt(part), 0n)
}

/** The eight groups of an address as the URL standard writes it. */
function expanded(address: string): string[] {
  const [head = '', tail] = address.split('::')
  const groups = (half: string): string[] => (half === '' ? [] : half.split(':'))
  if (tail === undefined) return groups(head)
  const zeros = Array<string>(8 - groups(head).length - groups(tail).length).fill('0')
  return [...groups(head), ...zeros, ...groups(tail)]
}
