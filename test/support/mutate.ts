/**
 * Seeded noise for fuzzers: the same seed and samples always give the same inputs, so a failure is found again by
 * the seed it printed. No protocol is known here.
 */

/** A small fast generator (mulberry32); numbers in [0, 1). */
export class SeededRandom {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = this.#state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }

  /** A whole number from 0 up to, not including, `end`. */
  below(end: number): number {
    return Math.floor(this.next() * end)
  }

  pick<T>(things: readonly T[]): T {
    return things[this.below(things.length)]!
  }
}

/** `FUZZ_SEED` and `FUZZ_COUNT` from the environment; without them a seed of this run's own and `count` inputs. */
export function fuzzPlan(count: number): { seed: number; count: number } {
  const seed = process.env.FUZZ_SEED ? Number(process.env.FUZZ_SEED) : Math.floor(Math.random() * 2 ** 32)
  return { seed: seed >>> 0, count: process.env.FUZZ_COUNT ? Number(process.env.FUZZ_COUNT) : count }
}

/** Inputs grow by splicing and repeating; none is longer than this many bytes. */
const longestInput = 65536

/** Lengths and counts that parsers trip over. */
const edges = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0xffffff, 0x1fffffff, 0x7fffffff, 0x80000000, 0xffffffff]

type Mutation = (random: SeededRandom, bytes: Buffer, samples: readonly Uint8Array[]) => Buffer

const mutationKinds: readonly Mutation[] = [
  function flipBit(random, bytes) {
    if (bytes.length > 0) {
      const at = random.below(bytes.length)
      bytes[at] = bytes[at]! ^ (1 << random.below(8))
    }
    return bytes
  },
  function replaceByte(random, bytes) {
    if (bytes.length > 0) bytes[random.below(bytes.length)] = random.below(256)
    return bytes
  },
  function smallByte(random, bytes) {
    if (bytes.length > 0) bytes[random.below(bytes.length)] = random.below(20)
    return bytes
  },
  function writeEdge(random, bytes) {
    const size = random.pick([1, 2, 3, 4])
    if (bytes.length >= size) {
      const value = random.pick(edges) % 2 ** (8 * size)
      const at = random.below(bytes.length - size + 1)
      if (random.below(4) === 0) bytes.writeUIntLE(value, at, size)
      else bytes.writeUIntBE(value, at, size)
    }
    return bytes
  },
  function truncate(random, bytes) {
    return bytes.subarray(0, random.below(bytes.length + 1))
  },
  function removeSlice(random, bytes) {
    const [from, to] = slice(random, bytes.length)
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)])
  },
  function insertNoise(random, bytes) {
    const noise = Buffer.alloc(random.below(16) + 1)
    for (let at = 0; at < noise.length; at++) noise[at] = random.below(256)
    const at = random.below(bytes.length + 1)
    return Buffer.concat([bytes.subarray(0, at), noise, bytes.subarray(at)])
  },
  function repeatSlice(random, bytes) {
    const [from, to] = slice(random, Math.min(bytes.length, 64))
    if (from === to) return bytes
    const times = random.pick([2, 3, 10, 100, 1000])
    const repeated = new Array<Uint8Array>(times).fill(bytes.subarray(from, to))
    return Buffer.concat([bytes.subarray(0, from), ...repeated, bytes.subarray(from)])
  },
  function spliceSample(random, bytes, samples) {
    const other = random.pick(samples)
    const [from, to] = slice(random, other.length)
    const at = random.below(bytes.length + 1)
    return Buffer.concat([bytes.subarray(0, at), other.subarray(from, to), bytes.subarray(at)])
  },
]

function slice(random: SeededRandom, length: number): [from: number, to: number] {
  const from = random.below(length + 1)
  return [from, from + random.below(length - from + 1)]
}

/** `count` mutations of the samples, one to six changes each; every so often noise. Each input is a fresh Buffer. */
export function* mutations(seed: number, samples: readonly Uint8Array[], count: number): Generator<Buffer, void, void> {
  if (samples.length === 0) throw new Error('mutations() needs a sample to start from')
  const random = new SeededRandom(seed)
  for (let input = 0; input < count; input++) {
    let bytes: Buffer = random.below(50) === 0 ? Buffer.alloc(random.below(256)) : Buffer.from(random.pick(samples))
    const changes = random.below(6) + 1
    for (let change = 0; change < changes; change++) {
      bytes = random.pick(mutationKinds)(random, bytes, samples).subarray(0, longestInput)
    }
    yield Buffer.from(bytes)
  }
}
