import assert from 'node:assert/strict'
import { readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { suite, test } from 'node:test'
import { journalsOf } from '../apps/host/journal/replayed.ts'
import { cumulus } from '../support/cumulus.ts'
import { RtmpClient } from '../support/rtmp-client.ts'
import { startTestServer } from '../support/server.ts'

const chat = readFileSync(new URL('../../www/chat/main.js', import.meta.url), 'utf8')

suite('a night with a journal', () => {
  test('is replayed the morning after, saves and all; a changed line is found; a killed server leaves what it had', async () => {
    await using server = await startTestServer({ www: { 'chat/main.js': chat }, set: ['apps.journal=true'] })
    const talk = async (name: string, text: string) => {
      await using client = await RtmpClient.connect({ url: server.url('chat/room'), args: [name] })
      for (let n = 0; n < 5; n++) await client.call('say', `${text} ${n}`)
      assert.deepEqual(await client.call('who'), [name])
    }
    await talk('ann', 'good evening')
    const reloaded = server.logged(({ msg }) => /reloaded/.test(msg))
    await server.writeApp('chat/main.js', chat.replace('textLength = 500', 'textLength = 5'))
    await reloaded
    await talk('bob', 'good night')
    process.kill(server.pid, 'SIGKILL')

    const [file] = journalsOf(server.data, 'chat')
    const equal = await cumulus(['replay', file!])
    assert.equal(equal.code, 0, equal.stdout + equal.stderr)
    assert.match(
      equal.stdout,
      /^\/chat, begun at .* UTC\nall equal: \d+ turns, \d+ commands, 2 versions, sha256 [0-9a-f]{64}\n/,
    )
    const shown = await cumulus(['replay', file!, '--print'])
    assert.match(shown.stdout, /< call \{.*'say', args: \[ 'good night 4' \]/)
    assert.match(shown.stdout, /> message \{.*'said', args: \[ 'bob', 'good ' \]/)

    // The last save's source, on what the first heard.
    const changed = await cumulus(['replay', file!, '--from', dirname(join(server.www, 'chat/main.js'))])
    assert.equal(changed.code, 1)
    assert.match(changed.stdout, /the first difference: in turn \d+, .* command \d+ of \d+\n/)
    assert.match(changed.stdout, /expected: message .*'good evening 0'.*\n +actual: +message .*'ann', 'good '/)

    truncateSync(file!, readFileSync(file!).length - 3)
    assert.match((await cumulus(['replay', file!])).stdout, /all equal[\s\S]*the journal was cut: \d+ bytes at its end/)
    writeFileSync(file!, '[apps]\njournal = true\n')
    const { code, stderr } = await cumulus(['replay', file!])
    assert.equal(code, 1)
    assert.match(stderr, /^cumulus: NO_JOURNAL: .* is not a journal\n {2}Journals are in <data>\/journals, /)
  })
})
