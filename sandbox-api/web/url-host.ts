import { opaqueSet, percentDecode, percentEncode } from './percent.ts'
import { punycode } from './punycode.ts'

/** A host as the URL Standard §3.5 writes it; undefined for what is none. */
export function readHost(text: string, special: boolean): string | undefined {
  if (text.startsWith('[')) return text.endsWith(']') ? readIpv6(text.slice(1, -1)) : undefined
  if (!special) return /[\0\t\n\r #/:<>?@[\\\]^|]/.test(text) ? undefined : percentEncode(text, opaqueSet)
  const domain = toAscii(percentDecode(text))
  if (domain === undefined || domain === '' || /[\0-\x20#%/:<>?@[\\\]^|\x7f]/.test(domain)) return undefined
  return endsInNumber(domain) ? readIpv4(domain) : domain
}

/** Names beyond ASCII in their ASCII form. Letters are folded by Unicode's compatibility forms. */
function toAscii(domain: string): string | undefined {
  const folded = domain
    .replace(/[\u3002\uff0e\uff61]/g, '.')
    .replaceAll('\u00ad', '')
    .normalize('NFKC')
  const labels = folded.toLowerCase().normalize('NFC').split('.')
  if (labels.some(label => label.includes('\ufffd'))) return undefined
  return labels.map(label => (/[^\0-\x7f]/.test(label) ? `xn--${punycode(label)}` : label)).join('.')
}

function endsInNumber(domain: string): boolean {
  const labels = domain.split('.')
  if (labels.at(-1) === '' && labels.length > 1) labels.pop()
  return /^(\d+|0x[0-9a-f]*)$/i.test(labels.at(-1)!)
}

function readIpv4(domain: string): string | undefined {
  const parts = domain.split('.')
  if (parts.at(-1) === '' && parts.length > 1) parts.pop()
  if (parts.length > 4) return undefined
  const numbers = parts.map(readNumber)
  const last = numbers.pop()!
  if (numbers.some(number => !(number <= 255)) || !(last < 256 ** (4 - numbers.length))) return undefined
  let address = last
  numbers.forEach((number, at) => {
    address += number * 256 ** (3 - at)
  })
  return [24, 16, 8, 0].map(shift => Math.floor(address / 2 ** shift) % 256).join('.')
}

/** Decimal, or octal behind 0, or hexadecimal behind 0x; NaN for what is no number. */
function readNumber(text: string): number {
  if (/^0x[0-9a-f]*$/i.test(text)) return text.length === 2 ? 0 : Number.parseInt(text, 16)
  if (/^0[0-7]+$/.test(text)) return Number.parseInt(text, 8)
  return /^(0|[1-9]\d*)$/.test(text) ? Number(text) : Number.NaN
}

function readIpv6(text: string): string | undefined {
  let whole = text
  const v4 = /(^|:)(\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})$/.exec(text)
  if (v4 !== null) {
    const bytes = v4[2]!.split('.')
    if (bytes.some(byte => !/^(0|[1-9]\d*)$/.test(byte) || Number(byte) > 255)) return undefined
    const [a, b, c, d] = bytes.map(Number) as [number, number, number, number]
    whole = `${text.slice(0, -v4[2]!.length)}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`
  }
  const halves = whole.split('::')
  if (halves.length > 2) return undefined
  const [head, tail] = halves.map(half => (half === '' ? [] : half.split(':')))
  const given = [...head!, ...(tail ?? [])]
  if (given.some(piece => !/^[0-9a-f]{1,4}$/i.test(piece))) return undefined
  if (tail === undefined ? given.length !== 8 : given.length > 7) return undefined
  const filled = tail === undefined ? head! : [...head!, ...Array<string>(8 - given.length).fill('0'), ...tail]
  return `[${compressed(filled.map(piece => Number.parseInt(piece, 16).toString(16)))}]`
}

/** The first longest run of two zeros or more becomes "::". */
function compressed(pieces: string[]): string {
  let from = -1
  let length = 1
  for (let at = 0; at < 8; at++) {
    let end = at
    while (end < 8 && pieces[end] === '0') end++
    if (end - at > length) {
      from = at
      length = end - at
    }
  }
  if (from < 0) return pieces.join(':')
  return `${pieces.slice(0, from).join(':')}::${pieces.slice(from + length).join(':')}`
}
