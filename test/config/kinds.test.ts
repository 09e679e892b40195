import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import {
  choice,
  destination,
  flag,
  type Key,
  size,
  time,
  whole,
  wholeOrAuto,
  words,
} from '../../server/config/kinds.ts'

const sentence = ''
const tables: [string, Key<unknown>, Record<string, unknown>][] = [
  [
    'whole',
    whole({ default: '0', min: 0, max: 65_535, sentence }),
    {
      '0': 0,
      '65535': 65_535,
      '65536': undefined,
      '-1': undefined,
      '1.5': undefined,
      abc: undefined,
      '': undefined,
      '1e3': undefined,
      true: undefined,
    },
  ],
  [
    'destination',
    destination({ default: '', sentence }),
    {
      '': '',
      'next.example:1936': 'next.example:1936',
      '2001:db8::1': '2001:db8::1',
      'rtmps://next.example/live?a=1': 'rtmps://next.example/live?a=1',
      'next.example/live': undefined,
      'two words': undefined,
      'user@host': undefined,
    },
  ],
  [
    'whole or auto',
    wholeOrAuto({ default: '1', min: 1, max: 64, auto: () => 7, sentence }),
    { '1': 1, '64': 64, '65': undefined, '0': undefined, auto: 7, Auto: undefined, '': undefined },
  ],
  [
    'time in seconds',
    time({ default: '10', min: 100, max: 600_000, unit: 'seconds', sentence }),
    {
      '10': 10_000,
      '0.5': 500,
      '500 ms': 500,
      '500ms': 500,
      '2 min': 120_000,
      '1s': 1000,
      '0.05': undefined,
      '601': undefined,
      '10 h': undefined,
      '0.1234567': undefined,
      ms: undefined,
    },
  ],
  [
    'time in milliseconds',
    time({ default: '10', min: 0, max: 600_000, unit: 'milliseconds', sentence }),
    { '10': 10, '2 s': 2000, '0': 0, '0.5': undefined },
  ],
  [
    'size',
    size({ default: '1', min: 1, max: 1024 ** 3, sentence }),
    {
      '1': 1,
      '64 KiB': 65_536,
      '1.5 MiB': 1_572_864,
      '1GiB': 1024 ** 3,
      '2 GiB': undefined,
      '0': undefined,
      '4 MB': undefined,
    },
  ],
  ['choice', choice(['own', 'shared'], { default: 'own', sentence }), { own: 'own', shared: 'shared', Own: undefined }],
  ['flag', flag({ default: 'true', sentence }), { true: true, false: false, yes: undefined }],
  [
    'words',
    words({ default: '', sentence, expected: 'letters' }, word => (word === '9' ? 'it is 9' : { word })),
    { '': [], 'a, b,, ': [{ word: 'a' }, { word: 'b' }], '9': undefined },
  ],
]

for (const [name, key, table] of tables) {
  suite(name, () => {
    for (const [text, value] of Object.entries(table)) {
      test(value === undefined ? `refuses '${text}'` : `reads '${text}' as ${JSON.stringify(value)}`, () => {
        assert.deepEqual(key.parse(text), value)
      })
    }
  })
}

suite('expected', () => {
  test('says the bounds in the largest unit that keeps them whole', () => {
    const key = time({ default: '10', min: 100, max: 600_000, unit: 'seconds', sentence })
    assert.equal(key.expected, 'a time from 100 ms to 10 min (ms, s, min; a bare number counts seconds)')
    assert.equal(
      whole({ default: '0', min: 0, max: 1_000_000, sentence }).expected,
      'a whole number from 0 to 1,000,000',
    )
  })
})
