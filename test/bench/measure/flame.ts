/** A stack of calls, the outermost first, and how often it was seen. */
export interface Stack {
  readonly frames: readonly string[]
  readonly samples: number
}

/** Where a frame's code is from: the kernel, Node and its libraries, or compiled JavaScript. */
type Home = 'kernel' | 'native' | 'script'

const colours: Readonly<Record<Home, string>> = { kernel: '#e8a05c', native: '#8fb3d9', script: '#9ccf8a' }

/** Pixels: the picture's width, a row's height, what a letter takes; narrower frames than this are left out. */
const width = 1200
const row = 16
const letter = 6.2
const narrowest = 0.6

/**
 * Reads what `perf script` prints: a line that begins at the margin opens a sample, indented ones are its frames
 * (`address symbol+offset (where)`), the innermost first. Equal stacks become one.
 */
export function stacksOf(script: string): Stack[] {
  const counts = new Map<string, number>()
  for (const sample of script.split('\n\n')) {
    const frames = sample
      .split('\n')
      .flatMap(line => /^\s+[0-9a-f]+ (.+) \((.*)\)$/.exec(line) ?? [])
      .flatMap((part, nth, all) => (nth % 3 === 1 ? [named(part, all[nth + 1]!)] : []))
    if (frames.length === 0) continue
    const key = frames.reverse().join('\n')
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  return [...counts].map(([key, samples]) => ({ frames: key.split('\n'), samples }))
}

/** `kernel:tcp_sendmsg`, `script:deliver listener.ts:148`, `native:uv_run`. */
function named(symbol: string, where: string): string {
  const name = symbol.replace(/\+0x[0-9a-f]+$/, '')
  const [, script] = /^JS:[*+~^'!]*(.*)$/.exec(name) ?? []
  if (script !== undefined) return `script:${script.replace(/(file|node):\S*\/(?=[^/]*$)/, '').trim()}`
  if (where.includes('kernel')) return `kernel:${name}`
  return `native:${name.replace(/\(.*$/, '').replace(/^non-virtual thunk to /, '')}`
}

interface Node {
  samples: number
  readonly inner: Map<string, Node>
}

/** A flame graph: each frame as wide as the part of all samples it was in, and above it what it called. */
export function flameGraph(title: string, stacks: readonly Stack[]): string {
  const root: Node = { samples: 0, inner: new Map() }
  for (const { frames, samples } of stacks) {
    let node = root
    node.samples += samples
    for (const frame of frames) {
      const next = node.inner.get(frame) ?? { samples: 0, inner: new Map() }
      node.inner.set(frame, next)
      next.samples += samples
      node = next
    }
  }
  const scale = width / (root.samples || 1)
  const boxes: { name: string; x: number; depth: number; samples: number }[] = []
  const place = (node: Node, x: number, depth: number): void => {
    let at = x
    for (const [name, inner] of [...node.inner].sort(([a], [b]) => (a < b ? -1 : 1))) {
      if (inner.samples * scale >= narrowest) {
        boxes.push({ name, x: at, depth, samples: inner.samples })
        place(inner, at, depth + 1)
      }
      at += inner.samples * scale
    }
  }
  place(root, 0, 0)
  const height = row * (Math.max(0, ...boxes.map(({ depth }) => depth)) + 3)
  const drawn = boxes.map(({ name, x, depth, samples }) => {
    const y = height - row * (depth + 1)
    const wide = samples * scale
    const colon = name.indexOf(':')
    const text = name.slice(colon + 1)
    const percent = ((100 * samples) / root.samples).toFixed(1)
    const shown = text.slice(0, Math.floor(wide / letter))
    const label = shown.length > 2 ? `<text x="${(x + 2).toFixed(1)}" y="${y + 12}">${escaped(shown)}</text>` : ''
    const colour = colours[name.slice(0, colon) as Home]
    return (
      `<g><title>${escaped(text)}, ${percent} %</title><rect x="${x.toFixed(1)}" y="${y}" width="${wide.toFixed(1)}" ` +
      `height="${row - 1}" fill="${colour}"/>${label}</g>`
    )
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="monospace" font-size="10">`,
    `<title>${escaped(title)}</title><rect width="${width}" height="${height}" fill="#fff"/><text x="4" y="12">${escaped(title)}</text>`,
    ...drawn,
    '</svg>\n',
  ].join('\n')
}

/** The part of all samples whose innermost frame is in each home. */
export function shares(stacks: readonly Stack[]): Record<Home, number> {
  const found: Record<Home, number> = { kernel: 0, native: 0, script: 0 }
  let all = 0
  for (const { frames, samples } of stacks) {
    const [home] = frames.at(-1)!.split(':')
    found[home as Home] += samples
    all += samples
  }
  for (const home of Object.keys(found) as Home[]) found[home] /= all || 1
  return found
}

const escaped = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')
