import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { ownFiles, readText } from './source-tree.ts'

/** A file this long holds more than one noun. */
const linesMax = 350

const files = ownFiles().filter(file => !/\/fixtures\/|^package-lock\.json$|\.(png|flv|bin|tgz)$/.test(file))
const code = files.filter(file => /^(server|sandbox-api|www|test)\/.*\.[jt]s$/.test(file))

/** `file:line: text` of every line that fits. */
function lines(among: readonly string[], fits: RegExp): string[] {
  return among.flatMap(file =>
    readText(file)
      .split('\n')
      .flatMap((text, index) => (fits.test(text) ? [`${file}:${index + 1}: ${text.trim()}`] : [])),
  )
}
/** Put together here, lest this file find itself. */
const word = (...parts: string[]) => parts.join('')

suite('sources', () => {
  test(`are at most ${linesMax} lines long`, () => {
    const long = code.filter(file => !/^test\/|\.d\.ts$/.test(file) && readText(file).split('\n').length > linesMax + 1)
    assert.deepEqual(long, [])
  })

  test('leave no notes for later', () => {
    const notes = [word('TO', 'DO'), word('FIX', 'ME'), word('XX', 'X'), word('HA', 'CK')].join('|')
    assert.deepEqual(lines(files, new RegExp(`\\b(${notes})\\b`)), [])
  })

  test('do not sound unfinished', () => {
    const phrases = [
      word('not yet ', 'implemented'),
      word('for ', 'now'),
      word('place', 'holder'),
      word('simplified ', 'version'),
    ]
    assert.deepEqual(lines(code, new RegExp(`\\b(${phrases.join('|')})\\b`, 'i')), [])
  })

  test('name no folder of one machine', () => {
    assert.deepEqual(
      lines(files, new RegExp(`(^|[\\s'"\`(=:])/(${word('wo', 'rk')}|${word('ro', 'ot')}|${word('ho', 'me')})/\\w`)),
      [],
    )
  })

  test('keep their tests under test/', () => {
    const misplaced = code.filter(file => /^(server|sandbox-api)\/.*\.test\.[jt]s$/.test(file))
    assert.deepEqual(misplaced, [])
  })
})

suite('tests', () => {
  const tests = code.filter(file => file.startsWith('test/'))

  test('are all run', () => {
    const pattern = new RegExp(
      `\\b(test|suite|it|describe)\\.(${word('on', 'ly')}|${word('sk', 'ip')}|${word('to', 'do')})\\(`,
    )
    assert.deepEqual(lines(tests, pattern), [])
  })

  test('do not wait for luck', () => {
    const pattern = new RegExp(
      `${word('setTime', 'out')}\\((r|res|resolve|done)\\b|\\bawait (${word('sle', 'ep')}|${word('de', 'lay')})\\(`,
    )
    assert.deepEqual(lines(tests, pattern), [])
  })
})

suite('the lock of the dependencies', () => {
  test('names no registry', () => {
    assert.deepEqual(lines(['package-lock.json'], /"resolved"/), [])
  })
})
