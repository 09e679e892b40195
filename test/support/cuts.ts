/** Every way to give `bytes` in two reads, and once byte by byte; each read is a buffer of its own. */
export function* cuts(bytes: Uint8Array): Generator<{ title: string; reads: Buffer[] }, void, void> {
  for (let at = 0; at <= bytes.length; at++) {
    yield { title: `cut at byte ${at}`, reads: [own(bytes.subarray(0, at)), own(bytes.subarray(at))] }
  }
  yield { title: 'byte by byte', reads: Array.from(bytes, byte => own(Uint8Array.of(byte))) }
}

/** As a socket gives it: the only content of its memory. */
export function own(bytes: Uint8Array): Buffer {
  const copy = Buffer.allocUnsafeSlow(bytes.length)
  copy.set(bytes)
  return copy
}
