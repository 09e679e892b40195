import assert from 'node:assert/strict'
import { after, suite, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Desk, entry } from './support.ts'

suite('cumulus check', () => {
  const desk = new Desk({
    'good/main.js': 'export function onPublish() {}\nexport const calls = {}\n',
    'typed/main.ts': 'const n: number = 1\nexport function onStart() {\n  server.brodcast(n)\n}\n',
    'thrown/main.js': 'const a = 1\n\nnone.x(a)\n',
    'spins/main.js': 'for (;;);\n',
    'typo/main.js':
      '\nexport async function onPublsh() {}\nconst onSubscribed = () => {}\nfunction onStep() {}\nexport const once = () => onStep()\n',
    'values/main.js': 'export const onPublish = 5\nexport const calls = 5\nexport function onStart() {}\n',
  })
  const broken = new Desk({ 'bad/main.js': 'const a = 1\nexport function onPublish( {\n  return a\n}\n' })
  after(() => {
    desk.remove()
    broken.remove()
  })

  test('lists the hooks and capabilities of what loads, with exit code 0', async () => {
    const { code, stdout } = await desk.cumulus('check', 'good', '--set', 'app:/good.allow=mail,fetch:example.com:443')
    assert.equal(code, 0)
    assert.match(stdout, /^\/good loads \(main\.js, \d+ ms\)\n {2}hooks: onPublish, calls\n {2}may use: mail, fetch:/)
    assert.match(stdout, /types are right\n$/)
  })

  test('loads all of them whatever one does, and shows the author where each went wrong', async () => {
    const { code, stdout } = await desk.cumulus('check')
    assert.equal(code, 1)
    assert.match(stdout, /\/good loads/)
    assert.match(stdout, /\/spins does not load\n {2}spins\/main\.js:1: .*apps\.timeout/)
    assert.match(stdout, /\/thrown does not load\n {2}thrown\/main\.js:3: ReferenceError: none is not defined\n/)
    assert.match(stdout, /> 3 \| none\.x\(a\)\n {6}\| \^\n/)
    assert.match(
      stdout,
      /typed\/main\.ts:3: TS\d+: .*brodcast.*\n.*\n.*\n> 3 \| {3}server\.brodcast\(n\)\n {4}\| {10}\^/,
    )
  })

  test('tells names that are nearly those of hooks', async () => {
    const { code, stdout } = await desk.cumulus('check', 'typo')
    assert.equal(code, 0)
    assert.match(stdout, /\n {2}typo\/main\.js:2: onPublsh is no hook and is never called: onPublish is one\n/)
    assert.match(
      stdout,
      /\n {2}typo\/main\.js:3: onSubscribed is no hook and is never called: onSubscribe is one\ntypes/,
    )
  })

  test('tells what has the name of a hook, or of calls, and is none', async () => {
    const { code, stdout } = await desk.cumulus('check', 'values')
    assert.equal(code, 0)
    const warned =
      /\n {2}hooks: onStart\n.*\n {2}onPublish is a number, no function: .*\n {2}calls is a number, no object: .*\ntypes/
    assert.match(stdout, warned)
  })

  test('shows what does not compile, and that once', async () => {
    const { code, stdout } = await broken.cumulus('check', 'bad')
    assert.equal(code, 1)
    assert.doesNotMatch(stdout, /TS1|types are right/)
    assert.match(stdout, /bad\/main\.js:3: SyntaxError.*\n.*\n.*\n {2}> 3 \| {3}return a\n {6}\| {10}\^/)
  })

  test('knows the applications that come along', async () => {
    const { code, stdout } = await desk.cumulus('check', '--www', fileURLToPath(new URL('../../www', import.meta.url)))
    assert.equal(code, 0, stdout)
  })

  test('an unknown application is one sentence and the remedy', async () => {
    const { code, stderr } = await desk.cumulus('check', 'nope')
    assert.equal(code, 1)
    assert.equal(
      stderr,
      `cumulus: UNKNOWN_APP: there is no application /nope\n  Name one of /good, /spins, /thrown, /typed, /typo, /values, or make it: node ${entry} new nope\n`,
    )
  })
})
