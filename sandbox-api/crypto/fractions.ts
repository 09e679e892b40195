/** What SHA-2 takes from nature: the first 64 bits behind the point of roots of the first primes (FIPS 180-4 §4.2.2). */

/** 80 cube roots: the additions of SHA-512; their upper halves are those of SHA-256. */
export const cubes = fractions(80, 3n)
/** 16 square roots: what SHA-512 and, their upper halves, SHA-256 begin with; the second eight begin SHA-384. */
export const squares = fractions(16, 2n)

/** Upper and lower halves in turn. */
function fractions(count: number, degree: 2n | 3n): Int32Array {
  const halves = new Int32Array(2 * count)
  for (let prime = 2, at = 0; at < 2 * count; prime++) {
    if (!isPrime(prime)) continue
    const bits = root(BigInt(prime) << (64n * degree), degree)
    halves[at++] = Number((bits >> 32n) & 0xffffffffn)
    halves[at++] = Number(bits & 0xffffffffn)
  }
  return halves
}

function isPrime(number: number): boolean {
  for (let factor = 2; factor * factor <= number; factor++) if (number % factor === 0) return false
  return true
}

/** The whole part of a root, by Newton's method from above. */
function root(value: bigint, degree: 2n | 3n): bigint {
  let guess = 1n << 72n
  for (;;) {
    const next = ((degree - 1n) * guess + value / guess ** (degree - 1n)) / degree
    if (next >= guess) return guess
    guess = next
  }
}
