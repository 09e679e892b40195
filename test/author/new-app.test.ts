import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, suite, test } from 'node:test'
import { newApp } from '../../server/author/new-app.ts'
import { packageFolder } from '../../server/config/own-package.ts'
import { Desk, entry } from './support.ts'

suite('cumulus new', () => {
  const desk = new Desk()
  after(() => desk.remove())
  const www = join(desk.folder, 'www')
  const make = (name: string, template = 'live') => newApp({ name, template, www, home: packageFolder() })

  test('makes an application with its test from each template, and what an editor needs', () => {
    for (const template of ['live', 'chat', 'auth', 'push']) make(`shows/${template}`, template)
    assert.deepEqual(readdirSync(join(www, 'shows')).sort(), ['auth', 'chat', 'live', 'push'])
    assert.deepEqual(readdirSync(join(www, 'shows/chat')).sort(), ['main.js', 'main.test.js'])
    assert.match(readFileSync(join(www, 'shows/chat/main.js'), 'utf8'), /rtmp:\/\/HOST\/shows\/chat/)
    assert.match(readFileSync(join(www, 'jsconfig.json'), 'utf8'), /"[./]+[^"]*\/sandbox-api\/\*\.d\.ts"/)
  })

  test('writes over nothing', () => {
    desk.write('mine/main.js', '// mine')
    assert.throws(() => make('mine'), { code: 'APP_EXISTS' })
    desk.write('helper/main.test.js', '// mine')
    assert.throws(() => make('helper'), { code: 'APP_EXISTS' })
    assert.equal(readFileSync(join(www, 'mine/main.js'), 'utf8'), '// mine')
  })

  test('refuses names that no URL or folder should have', () => {
    for (const name of [
      '../x',
      '',
      '/',
      'a/../b',
      '.hidden',
      'lib',
      'node_modules',
      'a b',
      'ä',
      'x'.repeat(65),
      'a\0',
    ]) {
      assert.throws(() => make(name), { code: 'APP_NAME' }, JSON.stringify(name))
    }
  })

  test('names the templates there are', () => {
    assert.throws(() => make('quiz', '../www'), {
      code: 'TEMPLATE_UNKNOWN',
      remedy: 'Name one of auth, chat, live, push.',
    })
  })

  test('tells how the new application is tried', async () => {
    const { code, stdout } = await desk.cumulus('new', 'shows/tried')
    assert.equal(code, 0)
    assert.equal(stdout.split('\n').at(-2), `it is rtmp://HOST/shows/tried; try it: node ${entry} test shows/tried`)
  })

  test('an unknown template is one sentence and the remedy on the command line', async () => {
    const { code, stderr } = await desk.cumulus('new', 'quiz', '--template', 'nope')
    assert.deepEqual(
      [code, stderr],
      [1, 'cumulus: TEMPLATE_UNKNOWN: there is no template nope\n  Name one of auth, chat, live, push.\n'],
    )
  })
})
