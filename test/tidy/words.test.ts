import assert from 'node:assert/strict'
import { dirname, posix } from 'node:path'
import { suite, test } from 'node:test'
import { createProgram } from '../../server/cli/program.ts'
import { ownFiles, readText } from './source-tree.ts'

const files = ownFiles()
const known = new Set(files)
const pages = files.filter(file => file.endsWith('.md'))
const readme = readText('README.md')

/** The anchors GitHub makes of a page's headings. */
function anchorsOf(page: string): string[] {
  return [...readText(page).matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

function isThere(path: string): boolean {
  return known.has(path) || files.some(file => file.startsWith(`${path.replace(/\/$/, '')}/`))
}

suite('links', () => {
  for (const page of pages) {
    test(`of ${page} lead somewhere`, () => {
      const prose = readText(page)
        .replace(/^```[\s\S]*?^```/gm, '')
        .replace(/`[^`\n]*`/g, '')
      const broken = [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
        .map(([, target]) => target!)
        .filter(target => !/^[a-z]+:/.test(target))
        .filter(target => {
          const [path = '', anchor] = target.split('#')
          const file = path === '' ? page : posix.normalize(posix.join(dirname(page), path))
          return !isThere(file) || (anchor !== undefined && !anchorsOf(file).includes(anchor))
        })
      assert.deepEqual(broken, [])
    })
  }
})

suite('ARCHITECTURE.md', () => {
  test('names files and rooms that are there', () => {
    const named = readText('ARCHITECTURE.md').match(/`(server|sandbox-api|test|www|docs)\/[\w./-]*`/g) ?? []
    assert.ok(named.length > 10)
    assert.deepEqual(
      named.map(name => name.slice(1, -1)).filter(name => !isThere(name)),
      [],
    )
  })
})

suite('comments', () => {
  test('cite rows of docs/coverage.md that there are', () => {
    const rows = new Set(readText('test/coverage/rows.txt').match(/^[A-Z]\d+/gm))
    const sources = files.filter(file => /^(server|sandbox-api)\/.*\.ts$/.test(file))
    const cited = sources.flatMap(file =>
      [...readText(file).matchAll(/\(((?:[CFKMR]\d+(?:, )?)+)\)/g)].flatMap(([, list]) =>
        list!.split(', ').map(row => ({ file, row })),
      ),
    )
    assert.ok(cited.length > 10)
    assert.deepEqual(
      cited.filter(({ row }) => !rows.has(row)),
      [],
    )
  })
})

suite('README.md', () => {
  test('shows www/live/main.js as it is', () => {
    assert.ok(readme.includes(`\`\`\`js\n${readText('www/live/main.js')}\`\`\``))
  })

  test('names every option of the command line', () => {
    const never = () => assert.fail('is only asked for its help')
    const help = createProgram({ start: never, openShell: never }).commands.map(command => command.helpInformation())
    const options = new Set(help.join('\n').match(/--[a-z-]+/g))
    assert.ok(options.size > 5)
    assert.deepEqual(
      [...options].filter(option => !readme.includes(option)),
      [],
    )
  })

  test('has a remedy for every error of whoever starts the server', () => {
    const sources = files.filter(file => /^server\/.*\.ts$/.test(file)).map(readText)
    const codes = sources.flatMap(source =>
      [...source.matchAll(/new ConfigError\(\s*'([^']+)'/g)].map(([, code]) => code!),
    )
    assert.ok(codes.length > 5)
    assert.deepEqual(
      codes.filter(code => !readme.includes(`\`${code}\``)),
      [],
    )
  })

  test('names the command that tests everything, and .ci/run runs just that', () => {
    const command = 'npm ci && npm test'
    assert.ok(readme.includes(command))
    assert.ok(readText('.ci/run').includes(`\n${command}\n`))
  })
})
