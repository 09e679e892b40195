import type { Message } from '../../../server/protocol/rtmp/message.ts'

/** Bytes from hexadecimal digits; blanks are for the reader's eye. */
export const hex = (digits: string): Buffer => Buffer.from(digits.replace(/\s/g, ''), 'hex')

/** `length` bytes that differ from their neighbours, so that a byte lost or doubled shows. */
export function pattern(length: number, start = 1): Buffer {
  const bytes = Buffer.alloc(length)
  for (let at = 0; at < length; at++) bytes[at] = (start + at * 7 + (at >> 8)) & 0xff
  return bytes
}

export const message = (type: number, streamId: number, timestamp: number, payload: Buffer): Message => ({
  type,
  streamId,
  timestamp,
  payload,
})

/** A chunk stream on the wire and the messages in it. */
export interface Sample {
  name: string
  bytes: Buffer
  messages: Message[]
  /** ChunkWriter makes the same bytes of these messages. */
  written?: true
}

const p200 = pattern(200)
const p300 = pattern(300, 50)
const part = (payload: Buffer, from: number, to?: number): Buffer => payload.subarray(from, to)
const join = (...parts: (string | Buffer)[]): Buffer =>
  Buffer.concat(parts.map(piece => (typeof piece === 'string' ? hex(piece) : piece)))

export const samples: Sample[] = [
  {
    name: 'a message in one chunk',
    bytes: join('04 000010 000003 08 01000000', 'af0102'),
    messages: [message(8, 1, 16, hex('af0102'))],
    written: true,
  },
  {
    name: 'a message in two chunks',
    bytes: join('05 000010 0000c8 09 01000000', part(p200, 0, 128), 'c5', part(p200, 128)),
    messages: [message(9, 1, 16, p200)],
    written: true,
  },
  {
    name: 'a message of exactly one chunk, and another',
    bytes: join('05 000000 000080 09 01000000', part(p200, 0, 128), '05 000000 000001 09 01000000 07'),
    messages: [message(9, 1, 0, part(p200, 0, 128)), message(9, 1, 0, hex('07'))],
    written: true,
  },
  {
    name: 'headers of type 1, 2 and 3 that lean on the one before',
    bytes: join(
      '04 000064 000002 08 01000000 a1a2',
      '44 000014 000003 08 b1b2b3',
      '84 000017 c1c2c3',
      'c4 d1d2d3',
      'c4 e1e2e3',
    ),
    messages: [
      message(8, 1, 100, hex('a1a2')),
      message(8, 1, 120, hex('b1b2b3')),
      message(8, 1, 143, hex('c1c2c3')),
      message(8, 1, 166, hex('d1d2d3')),
      message(8, 1, 189, hex('e1e2e3')),
    ],
  },
  {
    name: 'a new message of type 3 right after type 0, which adds the whole timestamp again (§5.3.1.2.4)',
    bytes: join('04 000064 000001 08 01000000 a1', 'c4 b1', 'c4 c1'),
    messages: [message(8, 1, 100, hex('a1')), message(8, 1, 200, hex('b1')), message(8, 1, 300, hex('c1'))],
  },
  {
    name: 'interleaved audio, video and a command (R9)',
    bytes: join(
      '05 000000 0000c8 09 01000000',
      part(p200, 0, 128),
      '04 000001 000002 08 01000000 af01',
      '03 000000 00012c 14 00000000',
      part(p300, 0, 128),
      'c5',
      part(p200, 128),
      'c3',
      part(p300, 128, 256),
      '44 000015 000001 08 af',
      'c3',
      part(p300, 256),
    ),
    messages: [
      message(8, 1, 1, hex('af01')),
      message(9, 1, 0, p200),
      message(8, 1, 22, hex('af')),
      message(20, 0, 0, p300),
    ],
  },
  {
    name: 'basic headers of one, two and three bytes, ids 2 to 65599 (R7)',
    bytes: join(
      '02 000000 000001 08 01000000 01',
      '3f 000000 000001 08 01000000 02',
      '00 00 000000 000001 08 01000000 03',
      '00 ff 000000 000001 08 01000000 04',
      '01 0001 000000 000001 08 01000000 05',
      '01 ffff 000000 000001 08 01000000 06',
      'c0 ff 07',
      'c1 ffff 08',
    ),
    messages: [1, 2, 3, 4, 5, 6, 7, 8].map(byte => message(8, 1, 0, Buffer.of(byte))),
  },
  {
    name: 'an id below 320 written in three bytes is the same chunk stream (R7)',
    bytes: join('00 05 000001 000001 08 01000000 01', '81 0500 000002 02', 'c0 05 03'),
    messages: [message(8, 1, 1, hex('01')), message(8, 1, 3, hex('02')), message(8, 1, 5, hex('03'))],
  },
  {
    name: 'a first chunk of type 1, with which librtmp begins its pongs (R7)',
    bytes: join('42 000005 000006 04 0007 00000001'),
    messages: [message(4, 0, 5, hex('000700000001'))],
  },
  {
    name: 'messages of length 0 with headers of every type (R8)',
    bytes: join('04 000005 000000 08 01000000', '44 000006 000000 09', '84 000007', 'c4', '44 000001 000001 08 11'),
    messages: [
      message(8, 1, 5, hex('')),
      message(9, 1, 11, hex('')),
      message(9, 1, 18, hex('')),
      message(9, 1, 25, hex('')),
      message(8, 1, 26, hex('11')),
    ],
  },
  {
    name: 'timestamps around the edge of 24 bit (R10)',
    bytes: join('04 fffffe 000001 08 01000000 01', '04 ffffff 000001 08 01000000 00ffffff 02'),
    messages: [message(8, 1, 0xfffffe, hex('01')), message(8, 1, 0xffffff, hex('02'))],
    written: true,
  },
  {
    name: 'an extended timestamp repeated on type 3 chunks (R10)',
    bytes: join(
      '05 ffffff 00012c 09 01000000 01020304',
      part(p300, 0, 128),
      'c5 01020304',
      part(p300, 128, 256),
      'c5 01020304',
      part(p300, 256),
    ),
    messages: [message(9, 1, 0x01020304, p300)],
    written: true,
  },
  {
    name: 'an extended timestamp not repeated on type 3 chunks (R10)',
    bytes: join(
      '05 ffffff 00012c 09 01000000 01020304',
      part(p300, 0, 128),
      'c5',
      part(p300, 128, 256),
      'c5',
      part(p300, 256),
    ),
    messages: [message(9, 1, 0x01020304, p300)],
  },
  {
    name: 'an extended timestamp not repeated, before a last chunk that begins like it (R10)',
    bytes: join(
      '05 ffffff 000082 09 01000000 01020304',
      part(p300, 0, 128),
      'c5 0102',
      '04 000001 000001 08 01000000 09',
    ),
    messages: [
      message(9, 1, 0x01020304, Buffer.concat([part(p300, 0, 128), hex('0102')])),
      message(8, 1, 1, hex('09')),
    ],
  },
  {
    name: 'both habits on two chunk streams of one connection (R10)',
    bytes: join(
      '05 ffffff 0000c8 09 01000000 01020304',
      part(p200, 0, 128),
      '04 ffffff 0000c8 08 01000000 01020304',
      part(p200, 0, 128),
      'c4 01020304',
      part(p200, 128),
      'c5',
      part(p200, 128),
    ),
    messages: [message(8, 1, 0x01020304, p200), message(9, 1, 0x01020304, p200)],
  },
  {
    name: 'an extended delta, repeated where a type 3 chunk begins a message, or not (R10)',
    bytes: join(
      '04 000001 000001 08 01000000 01',
      '84 ffffff 01000000 02',
      'c4 01000000 03',
      'c4 04',
      '84 000001 05',
      'c4 06',
    ),
    messages: [
      message(8, 1, 1, hex('01')),
      message(8, 1, 0x01000001, hex('02')),
      message(8, 1, 0x02000001, hex('03')),
      message(8, 1, 0x03000001, hex('04')),
      message(8, 1, 0x03000002, hex('05')),
      message(8, 1, 0x03000003, hex('06')),
    ],
  },
  {
    name: 'a payload that looks like the extended timestamp of an earlier header (R10)',
    bytes: join('04 ffffff 000004 08 01000000 01020304 a1a2a3a4', '84 000001 01020304', 'c4 01020304'),
    messages: [
      message(8, 1, 0x01020304, hex('a1a2a3a4')),
      message(8, 1, 0x01020305, hex('01020304')),
      message(8, 1, 0x01020306, hex('01020304')),
    ],
  },
  {
    name: 'a timestamp that wraps at 2^32, and one that jumps back and far ahead (R10)',
    bytes: join(
      '04 ffffff 000001 08 01000000 fffffff0 01',
      '84 000020 02',
      '04 ffffff 000001 08 01000000 fffffff0 01',
      '84 000008 02',
      'c4 03',
      'c4 04',
      '04 000005 000001 08 01000000 05',
      '04 ffffff 000001 08 01000000 022550e0 06',
    ),
    messages: [
      message(8, 1, 0xfffffff0, hex('01')),
      message(8, 1, 0x10, hex('02')),
      message(8, 1, 0xfffffff0, hex('01')),
      message(8, 1, 0xfffffff8, hex('02')),
      message(8, 1, 0, hex('03')),
      message(8, 1, 8, hex('04')),
      message(8, 1, 5, hex('05')),
      message(8, 1, 35_999_968, hex('06')),
    ],
  },
  {
    name: 'a chunk size that changes in the middle of another message (R4)',
    bytes: join(
      '05 000000 00012c 09 01000000',
      part(p300, 0, 128),
      '02 000000 000004 01 00000000 00000064',
      'c5',
      part(p300, 128, 228),
      '02 000000 000004 01 00000000 00001000',
      'c5',
      part(p300, 228),
      '04 000000 00012c 08 01000000',
      p300,
    ),
    messages: [message(9, 1, 0, p300), message(8, 1, 0, p300)],
  },
  {
    name: 'a chunk size of 1 (R4)',
    bytes: join('02 000000 000004 01 00000000 00000001', '04 000000 000003 08 01000000 a1 c4 a2 c4 a3'),
    messages: [message(8, 1, 0, hex('a1a2a3'))],
  },
  {
    name: 'a chunk size set in chunks of 1 (R4)',
    bytes: join(
      '02 000000 000004 01 00000000 00000001',
      '02 000000 000004 01 00000000 00 c2 00 c2 00 c2 7f',
      '05 000000 0000c8 09 01000000',
      part(p200, 0, 127),
      'c5',
      part(p200, 127),
    ),
    messages: [message(9, 1, 0, p200)],
  },
  {
    name: 'the largest chunk sizes, which all mean the same (R4)',
    bytes: join(
      '02 000000 000004 01 00000000 00ffffff',
      '04 000000 0000c8 08 01000000',
      p200,
      '02 000000 000004 01 00000000 7fffffff',
      '84 000001',
      p200,
    ),
    messages: [message(8, 1, 0, p200), message(8, 1, 1, p200)],
  },
  {
    name: 'a message given up by Abort, and the next one in its place (R8)',
    bytes: join(
      '05 000010 0000c8 09 01000000',
      part(p200, 0, 128),
      '02 000000 000004 02 00000000 00000005',
      '45 000004 000002 09 0102',
    ),
    messages: [message(9, 1, 20, hex('0102'))],
  },
  {
    name: 'an Abort for an id unknown, and for one with nothing to give up (R8)',
    bytes: join(
      '04 000000 000001 08 01000000 01',
      '02 000000 000004 02 00000000 00012345',
      '02 000000 000004 02 00000000 00000004',
      '02 000000 000004 02 00000000 00000002',
      'c4 02',
    ),
    messages: [message(8, 1, 0, hex('01')), message(8, 1, 0, hex('02'))],
  },
  {
    name: 'types nobody has assigned (R11)',
    bytes: join('03 000000 000001 00 00000000 01', '03 000000 000001 07 00000000 02', '03 000000 000000 ff 00000000'),
    messages: [message(0, 0, 0, hex('01')), message(7, 0, 0, hex('02')), message(255, 0, 0, hex(''))],
  },
]
