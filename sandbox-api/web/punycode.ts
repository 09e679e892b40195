/** Punycode (RFC 3492 §6.3) of a label that is not ASCII, without the "xn--". */
export function punycode(label: string): string {
  const points = [...label].map(character => character.codePointAt(0)!)
  const basic = points.filter(point => point < 0x80)
  let out = String.fromCodePoint(...basic)
  if (basic.length > 0) out += '-'
  let next = 0x80
  let delta = 0
  let bias = 72
  for (let handled = basic.length; handled < points.length; delta++, next++) {
    const least = Math.min(...points.filter(point => point >= next))
    delta += (least - next) * (handled + 1)
    next = least
    for (const point of points) {
      if (point < next) delta++
      if (point !== next) continue
      out += variableLength(delta, bias)
      bias = adapted(delta, handled + 1, handled === basic.length)
      delta = 0
      handled++
    }
  }
  return out
}

function variableLength(delta: number, bias: number): string {
  let out = ''
  let rest = delta
  for (let k = 36; ; k += 36) {
    const threshold = k <= bias ? 1 : k >= bias + 26 ? 26 : k - bias
    if (rest < threshold) return out + digit(rest)
    out += digit(threshold + ((rest - threshold) % (36 - threshold)))
    rest = Math.floor((rest - threshold) / (36 - threshold))
  }
}

function digit(value: number): string {
  return String.fromCharCode(value < 26 ? value + 97 : value + 22)
}

/** RFC 3492 §6.1. */
function adapted(delta: number, points: number, first: boolean): number {
  let rest = first ? Math.floor(delta / 700) : delta >> 1
  rest += Math.floor(rest / points)
  let k = 0
  for (; rest > 455; k += 36) rest = Math.floor(rest / 35)
  return k + Math.floor((36 * rest) / (rest + 38))
}
