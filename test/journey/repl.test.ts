import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { chmod, mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { suite, test } from 'node:test'
import { Audience } from '../support/audience.ts'
import { entry } from '../support/cumulus.ts'
import { requireProgram } from '../support/programs.ts'
import { Pty } from '../support/pty.ts'
import { RtmpClient } from '../support/rtmp-client.ts'
import { startTestServer } from '../support/server.ts'

const script = requireProgram('script')
const app = (version: number) => `
const version = ${version}
let count = 0
export const calls = { add: () => ++count }
`

suite('the prompt in a running application', () => {
  test('lists, calls, kicks, completes, outlives a reload and cuts a loop, while players lose nothing', {
    skip: script.skip,
  }, async () => {
    // A limit that the test could not wait for: it is Ctrl+C that cuts.
    await using server = await startTestServer({ www: { 'show/main.js': app(1) }, set: ['apps.timeout=40 s'] })
    await using audience = await Audience.gather(server.url('show'), 20)
    const home = await mkdtemp(join(tmpdir(), 'cumulus-home-'))
    const caller = await RtmpClient.connect({ url: server.url('show?role=caller') })
    caller.handlers.set('hello', name => `hello ${name}`)
    assert.equal(await caller.call('add'), 1)
    const command = [process.execPath, entry, 'repl', 'show', '--data', server.data]
    await using pty = new Pty(script.path, command, { ...process.env, HOME: home })
    const type = (text: string) => pty.press(`${text}\r`)
    await pty.sees(/\/show> /)

    type('publications')
    await pty.sees(/Collection\(1\) \{\n +'show' => Publication \{[\s\S]*listeners: \[Collection\(20\)\]/)
    type("const [, guest] = [...clients].find(([, { role }]) => role === 'caller')")
    await pty.sees(/undefined\n/)
    type("guest.call('hello', 'you')")
    await pty.sees(/'hello you'\n/)
    pty.press('gue\t')
    await pty.sees(/> guest/)
    type('.address')
    await pty.sees(/'127\.0\.0\.1:\d+'\n/)
    // A paste, and what is typed while an answer is out.
    pty.press('await Promise.resolve(1)\rconst sum = (\r  a, b\r) => a + b\rsum(20,\r22)\r')
    await pty.sees(/\n1\nundefined\n42\n/)
    type('[count,')
    await pty.sees(/\| /)
    type('version]')
    await pty.sees(/\[ 1, 1 \]\n/)

    await server.writeApp('show/main.js', app(2))
    await pty.sees(/-- application \/show was reloaded in \d+ ms\n/)
    type('[count, version]')
    await pty.sees(/\[ 0, 2 \]\n/)

    type('count = 7')
    await pty.sees(/\n7\n/)
    for (let loop = 0; loop < 4; loop++) {
      type('for(;;);')
      await pty.sees(/for\(;;\);\n/)
      pty.press('\x03')
      await pty.sees(/cut\n/)
    }
    type('[count, version]')
    await pty.sees(/\[ 7, 2 \]\n/)

    type('.clients')
    const row = await pty.sees(/[0-9a-f]{12} +\/show +- +rtmp +\S+ +\d+ ms +\d+ +\d+ +-\n/)
    type(`.kick ${row.slice(0, 12)}`)
    await pty.sees(/was closed\n/)
    await caller.closed
    pty.press('\x04')
    assert.equal(await pty.exited, 0)

    await audience.sees(10)
    assert.deepEqual(audience.losses, [])
    assert.ok(server.log.every(({ msg }) => !msg.startsWith('application host ended')))
    assert.match(await readFile(join(home, '.cumulus_history'), 'utf8'), /^\.kick/)
    await rm(home, { recursive: true })
  })

  test('is for nobody but the owner of the server', { skip: process.getuid?.() !== 0 && 'needs root' }, async () => {
    await using server = await startTestServer()
    const socket = join(server.data, 'admin.sock')
    assert.equal((await stat(socket)).mode & 0o777, 0o600)
    // The folders let everybody through: it is the socket that does not.
    for (const folder of [dirname(server.data), server.data]) await chmod(folder, 0o755)
    const tries = `process.setgid(65534); process.setgroups([]); process.setuid(65534)
      require('node:net').connect(process.argv[1]).on('connect', () => process.exit(1)).on('error', error => console.log(error.code))`
    const said = await new Promise((resolve, reject) => {
      execFile(process.execPath, ['-e', tries, socket], (error, stdout) => (error ? reject(error) : resolve(stdout)))
    })
    assert.equal(said, 'EACCES\n')
  })
})
