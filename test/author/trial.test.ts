import assert from 'node:assert/strict'
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, suite, test } from 'node:test'
import { newApp } from '../../server/author/new-app.ts'
import { packageFolder } from '../../server/config/own-package.ts'
import { Desk } from './support.ts'

/** How many tests passed and failed, and the milliseconds they took. */
function counted(stdout: string): [passed: number, failed: number, ms: number] {
  const found = /^(\d+) passed, (\d+) failed, (\d+) ms$/m.exec(stdout)
  assert.ok(found, stdout)
  return [Number(found[1]), Number(found[2]), Number(found[3])]
}

suite('cumulus test', () => {
  const desk = new Desk()
  after(() => desk.remove())
  const www = join(desk.folder, 'www')

  test('runs the tests of the examples that come along, in a moment', async () => {
    const { code, stdout } = await desk.cumulus('test', '--www', join(packageFolder(), 'www'))
    const [passed, failed, ms] = counted(stdout)
    assert.deepEqual([code, failed], [0, 0], stdout)
    assert.ok(passed >= 8)
    assert.ok(ms < 20_000, `${ms} ms`)
  })

  test('the word of the live example may stand behind the name or behind the application', async () => {
    const source = readFileSync(join(packageFolder(), 'www/live/main.js'), 'utf8')
    const worded = new Desk({
      'live/main.js': source.replace("word = ''", "word = 'tulip'"),
      'live/main.test.js': `
        import { assert, test } from 'cumulus:test'
        test('the word', async app => {
          const refusal = async (name, atServer, atName) =>
            (await app.publish(await app.connect({ query: atServer }), name, atName)).refused
          assert.equal(await refusal('a', { word: 'tulip' }, {}), undefined)
          assert.equal(await refusal('b', {}, { word: 'tulip' }), undefined)
          assert.equal(await refusal('c', {}, {}), 'c needs the word: rtmp://HOST/live/NAME?word=…')
        })
      `,
    })
    const { code, stdout } = await worded.cumulus('test')
    worded.remove()
    assert.equal(code, 0, stdout)
  })

  test('those tests fail when their example is broken', async () => {
    const breaks: [file: string, from: string, to: string, complaint: RegExp][] = [
      ['main.js', 'has left', 'has gone', /✖ who comes and goes is told in the log/],
      ['live/main.js', "word = ''", "word = 'tulip'", /✖ without a word set, whoever comes publishes/],
      ['chat/main.js', "tell(this.room, 'said'", "tell('', 'said'", /✖ what is said is heard in the room/],
    ]
    const broken = new Desk()
    cpSync(join(packageFolder(), 'www'), join(broken.folder, 'www'), { recursive: true })
    for (const [file, from, to] of breaks) {
      const path = join(broken.folder, 'www', file)
      const source = readFileSync(path, 'utf8')
      assert.ok(source.includes(from), file)
      writeFileSync(path, source.replace(from, to))
    }
    const { code, stdout } = await broken.cumulus('test')
    broken.remove()
    assert.equal(code, 1)
    for (const [, , , complaint] of breaks) assert.match(stdout, complaint)
  })

  test('the tests of every template pass', async () => {
    const home = packageFolder()
    for (const template of ['live', 'chat', 'auth', 'push']) newApp({ name: `made/${template}`, template, www, home })
    const { code, stdout } = await desk.cumulus('test')
    assert.equal(code, 0, stdout)
    assert.equal(counted(stdout)[0], 8)
  })

  test("the author's book shows a test that passes", async () => {
    const book = readFileSync(join(packageFolder(), 'sandbox-api/README.md'), 'utf8')
    for (const [, file, code] of book.matchAll(/^```js\n\/\/ www\/(seats\/.*)\n([\s\S]*?)^```$/gm))
      desk.write(file!, code!)
    const allow = 'app:/seats.allow=fetch:weather.example.com'
    const { code, stdout } = await desk.cumulus('test', 'seats', '--set', allow)
    assert.equal(code, 0, stdout)
    assert.equal(counted(stdout)[0], 2)
  })

  test('an application meets virtual clients, a virtual clock and a virtual outside', async () => {
    desk.write('lib/words.js', "export const greeting = 'hello'\n")
    desk.write(
      'whole/main.ts',
      `
      import { greeting } from '/lib/words.js'
      const began: number = Date.now()
      export async function onConnection(client, name) {
        const answer = await fetch('http://backend.example.com/who', { method: 'POST', body: name })
        if (!answer.ok) throw new Error(await answer.text())
        client.age = await answer.json()
        return { greeting }
      }
      export async function onPublish(client, publication) {
        if (publication.query.key !== 'tulip') throw new Error('no key')
        await new Promise(ring => setTimeout(ring, 2_000))
      }
      export function onUnpublish(client, publication) { console.log('end of ' + publication.name) }
      export const calls = {
        age() { return this.age },
        async asks() { return 'you said ' + await this.call('name', 1) },
        elapsed() { return Date.now() - began },
        async far() { await fetch('http://elsewhere.example.com/') },
        mail() { server.sendMail('a@example.com', 'subject', 'text', 'b@example.com') },
        out() { this.close('go') },
      }`,
    )
    desk.write(
      'whole/main.test.ts',
      `
      import { greeting } from '/lib/words.js'
      import { assert, test } from 'cumulus:test'
      const answer = async (request: Request) =>
        (await request.text()) === 'Tom' ? '42' : new Response('who?', { status: 404 })
      test('all of it', async app => {
        app.onFetch = answer
        const tom = await app.connect({ query: { a: 'b' } }, 'Tom')
        assert.equal(tom.info.greeting, greeting)
        assert.equal(await tom.call('age'), 42)
        assert.equal((await app.connect({}, 'Ann')).refused, 'who?')
        tom.functions.name = n => 'T' + n
        assert.equal(await tom.call('asks'), 'you said T1')
        assert.deepEqual(tom.calls, [['name', 1]])
        await app.advance(3_600_000)
        assert.equal(await tom.call('elapsed'), 3_600_000)
        assert.equal((await app.publish(tom, 'cam')).refused, 'no key')
        const publishing = app.publish(tom, 'cam', { key: 'tulip' })
        await app.advance(2_000)
        const stream = await publishing
        assert.equal(stream.refused, undefined)
        await stream.end()
        assert.ok(app.logs.includes('end of cam'))
        await assert.rejects(tom.call('far'), /may not use fetch:elsewhere/)
        await tom.call('mail')
        assert.equal(app.mails[0].content, 'text')
        await assert.rejects(tom.call('none'))
        await tom.call('out').catch(() => {})
        assert.equal(tom.closed, 'go')
      })`,
    )
    const allow = 'app:/whole.allow=fetch:backend.example.com,mail'
    const { code, stdout } = await desk.cumulus('test', 'whole', '--set', allow)
    assert.equal(code, 0, stdout)
  })

  test('a test that fails shows its line, and what was logged', async () => {
    desk.write('wrong/main.js', 'export const onConnection = () => console.log("somebody comes")\n')
    desk.write(
      'wrong/main.test.js',
      "import { assert, test } from 'cumulus:test'\ntest('is wrong', async app => {\n  await app.connect()\n  assert.equal(1, 2)\n})\n",
    )
    const { code, stdout } = await desk.cumulus('test', 'wrong')
    assert.equal(code, 1)
    assert.match(stdout, /✖ is wrong\n[\s\S]*> 4 \| {3}assert\.equal\(1, 2\)\n {10}\| {10}\^[\s\S]*somebody comes\n/)
  })

  test('an application that does not load is told with its line', async () => {
    desk.write('unsound/main.js', 'export function onConnection( {\n}\n')
    desk.write(
      'unsound/main.test.js',
      "import { assert, test } from 'cumulus:test'\ntest('loads', async app => assert.equal((await app.connect()).refused, undefined))\n",
    )
    const { code, stdout } = await desk.cumulus('test', 'unsound')
    assert.equal(code, 1)
    assert.match(stdout, /unsound\/main\.js:\d: SyntaxError[\s\S]*> \d \|/)
  })

  test('a test that hangs is one sentence and the remedy, whatever it hangs in', async () => {
    desk.write('hangs/main.js', 'export const onConnection = () => new Promise(ring => setTimeout(ring, 1_000))\n')
    desk.write('hangs/a.test.js', "import { test } from 'cumulus:test'\ntest('waits', async app => app.connect())\n")
    desk.write('hangs/b.test.js', "import { test } from 'cumulus:test'\ntest('loops', () => { for (;;); })\n")
    const { code, stdout } = await desk.cumulus('test', 'hangs', '--timeout', '300')
    assert.equal(code, 1)
    assert.match(stdout, /✖ waits\n +it hangs: .* Time stands still in a test, .*app\.advance\(ms\)\./)
    assert.match(stdout, /✖ loops\n +it hangs in a loop of its own.*\n/)
    assert.deepEqual(counted(stdout).slice(0, 2), [0, 2])
  })

  test('an application without tests, and a file that does not run, are one sentence each', async () => {
    desk.write('bare/main.js', '\n')
    const bare = await desk.cumulus('test', 'bare')
    assert.deepEqual([bare.code, bare.stderr.split('\n')[0]], [1, 'cumulus: NO_TESTS: application /bare has no tests'])
    desk.write('bare/main.test.js', "import { test } from 'cumulus:test'\nnothing()\n")
    const faulty = await desk.cumulus('test', 'bare')
    assert.equal(faulty.code, 1)
    assert.match(faulty.stdout, /✖ the file does not run\n +nothing is not defined\n[\s\S]*> 2 \| nothing\(\)/)
  })
})
