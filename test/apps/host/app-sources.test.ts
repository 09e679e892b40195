import assert from 'node:assert/strict'
import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { after, suite, test } from 'node:test'
import { AppSources } from '../../../server/apps/host/app-sources.ts'
import { ScriptError } from '../../../server/apps/host/script-error.ts'
import { Www } from './child.ts'

suite('AppSources', () => {
  const www = new Www({
    'app/main.js': "import './a.js'\n",
    'app/a.js': '',
    'app/deep/b.ts': 'export const b: number = 1\n',
    'app/data.json': '{}',
    'app/kid/main.js': '',
    'lib/shared.js': '',
    'other/secret.js': '',
    'apple/x.js': '',
    'outside.js': '',
  })
  const folder = (name: string) => join(www.folder, name)
  symlinkSync(folder('other'), folder('app/link'))
  symlinkSync(folder('other/secret.js'), folder('app/link.js'))
  symlinkSync(folder('lib'), folder('app/mylib'))
  symlinkSync(folder('app'), folder('alias'))
  after(() => www.remove())

  async function resolve(specifier: string, main = ''): Promise<string> {
    www.write('app/main.js', main)
    const sources = new AppSources(www.setup('/app'))
    const from = await sources.main()
    return (await sources.resolve(specifier, from)).file
  }

  async function refusal(specifier: string, main = ''): Promise<ScriptError> {
    return resolve(specifier, main).then(
      file => assert.fail(`${specifier} gave ${file}`),
      error => {
        assert(error instanceof ScriptError)
        return error
      },
    )
  }

  test("finds the application's own files and those of www/lib (C15)", async () => {
    assert.equal(await resolve('./a.js'), 'app/a.js')
    assert.equal(await resolve('./deep/b.ts'), 'app/deep/b.ts')
    assert.equal(await resolve('./deep/../a.js'), 'app/a.js')
    assert.equal(await resolve('./kid/main.js'), 'app/kid/main.js')
    assert.equal(await resolve('../lib/shared.js'), 'lib/shared.js')
    assert.equal(await resolve('/lib/shared.js'), 'lib/shared.js')
    assert.equal(await resolve('./mylib/shared.js'), 'lib/shared.js')
    assert.equal(await resolve('/app/a.js'), 'app/a.js')
  })

  test('finds nothing above and beside, by whatever way', async () => {
    for (const specifier of [
      '../outside.js',
      '../other/secret.js',
      '../apple/x.js',
      './link/secret.js',
      './link.js',
      '/other/secret.js',
      '/outside.js',
      '../../../../../../etc/passwd',
      '/../../../../etc/passwd',
      '/lib/../other/secret.js',
      '../nowhere.js',
    ]) {
      assert.equal((await refusal(specifier)).code, 'import-outside', specifier)
    }
  })

  test('knows no packages, no modules of Node and no URLs', async () => {
    for (const specifier of ['fs', 'node:fs', 'https://example.com/x.js', 'file:///etc/passwd', 'a.js', '']) {
      assert.equal((await refusal(specifier)).code, 'import-bare', specifier)
    }
  })

  test('tells a missing file from one of another kind', async () => {
    assert.equal((await refusal('./none.js')).code, 'import-missing')
    assert.equal((await refusal('./data.json')).code, 'import-kind')
    assert.equal((await refusal('./deep')).code, 'import-kind')
  })

  test('names the line and column of the import', async () => {
    const { fault } = await refusal('../up.js', 'const a = 1\n\nimport { x } from "../up.js"\n')
    assert.deepEqual([fault.file, fault.line, fault.column], ['app/main.js', 3, 19])
    assert.match(fault.text, /cannot import "\.\.\/up\.js": it lies outside/)
  })

  test('takes a linked folder for the application itself, and names its files by the path of the application', async () => {
    www.write('app/main.js', '')
    const sources = new AppSources(www.setup('/alias'))
    const main = await sources.main()
    assert.equal(main.file, 'alias/main.js')
    assert.equal((await sources.resolve('./a.js', main)).file, 'alias/a.js')
  })

  test('refuses a main file that is gone, or a link to somewhere else', async () => {
    const main = (name: string) => new AppSources(www.setup('/app', { main: name })).main()
    await assert.rejects(main('gone.js'), { code: 'script-unreadable', message: /cannot be read/ })
    await assert.rejects(main('link.js'), { code: 'script-unreadable', message: /lies outside/ })
    await assert.rejects(new AppSources(www.setup('/nowhere')).main(), { code: 'script-unreadable' })
  })

  test('refuses a file that is too large', async () => {
    www.write('app/huge.js', ' '.repeat(5 * 1024 * 1024))
    assert.equal((await refusal('./huge.js')).code, 'script-size')
  })

  test('adds one line and moves none', async () => {
    www.write('app/main.js', '// one\nlet two\n// three, without an end')
    const { code, tail } = await new AppSources(www.setup('/app')).main()
    assert.equal(code, '// one\nlet two\n// three, without an end')
    assert.match(tail ?? '', /^\n;export const \$cumulus\$hooks = .*\n$/)
  })
})
