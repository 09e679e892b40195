import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, suite, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { Lab } from '../lab.ts'
import { outcome, Script } from './script.ts'

/** What the pretend backend does at each path. */
const backend: Record<string, (request: IncomingMessage, response: ServerResponse) => void> = {
  '/echo': async (request, response) => {
    let body = ''
    for await (const part of request) body += part
    const { method, headers } = request
    response.setHeader('X-Seen', ['one', 'two']).end(JSON.stringify({ method, headers, body }))
  },
  '/gone': (_, response) => response.writeHead(404, 'Not here').end('nothing'),
  '/packed': (_, response) => response.setHeader('content-encoding', 'gzip').end(gzipSync('unpacked')),
  '/bomb': (_, response) => response.setHeader('content-encoding', 'gzip').end(gzipSync(Buffer.alloc(8 * 1024 * 1024))),
  '/moved': (_, response) => response.writeHead(302, { location: '/echo' }).end(),
  '/kept': (_, response) => response.writeHead(307, { location: '/echo' }).end(),
  '/round': (_, response) => response.writeHead(302, { location: '/round' }).end(),
  '/inside': (_, response) => response.writeHead(302, { location: 'http://127.0.0.2:9/secret' }).end(),
  '/file': (_, response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end(),
  '/endless': (_, response) => {
    const more = () => {
      if (!response.destroyed) response.write(Buffer.alloc(16_384), more)
    }
    more()
  },
  '/drip': (_, response) => {
    const timer = setInterval(() => response.write('.'), 20)
    response.once('close', () => clearInterval(timer))
  },
  '/silent': () => {},
}

suite('fetch', () => {
  const lab = new Lab()
  const http = createServer((request, response) => backend[request.url!]!(request, response))
  let origin = ''
  let script: Script
  before(async () => {
    http.listen(0, '127.0.0.1')
    await once(http, 'listening')
    origin = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
    script = await Script.raise(lab, ['fetch:127.0.0.1:*'], { fetchTimeout: 400 })
  })
  after(async () => {
    http.closeAllConnections()
    http.close()
    await lab.end()
  })

  test('gives status, headers and body', async () => {
    const seen = await script.run(`
      const response = await fetch('${origin}/echo', { headers: { 'X-Asked': 'yes' } })
      const { status, statusText, ok, url, redirected, headers } = response
      const { method, headers: sent } = await response.json()
      return [status, statusText, ok, url, redirected, headers.get('x-seen'), method, sent['x-asked'], sent.host]
    `)
    assert.deepEqual(seen, [200, 'OK', true, `${origin}/echo`, false, 'one, two', 'GET', 'yes', origin.slice(7)])
    assert.deepEqual(
      await script.run(
        `const { ok, status, statusText } = await fetch('${origin}/gone'); return [ok, status, statusText]`,
      ),
      [false, 404, 'Not here'],
    )
  })

  test('posts JSON to a backend', async () => {
    const seen = await script.run(`
      const body = JSON.stringify({ user: 'tom' })
      const response = await fetch('${origin}/echo', { method: 'post', body, headers: { 'Content-Type': 'application/json' } })
      const { method, body: got, headers } = await response.json()
      return [method, JSON.parse(got), headers['content-type'], headers['content-length']]
    `)
    assert.deepEqual(seen, ['POST', { user: 'tom' }, 'application/json', '14'])
  })

  test('unpacks bodies, gives them as bytes, once', async () => {
    assert.equal(await script.run(`return (await fetch(new Request('${origin}/packed'))).text()`), 'unpacked')
    const bytes = (await script.run(
      `return [...new Uint8Array(await (await fetch('${origin}/packed')).arrayBuffer())]`,
    )) as number[]
    assert.equal(String.fromCharCode(...bytes), 'unpacked')
    const twice = `(async () => { const r = await fetch('${origin}/packed'); await r.text(); return r.text() })()`
    assert.match(String(await script.run(outcome(twice))), /^TypeError: this body has been read already/)
  })

  test('follows redirects as the standard says', async () => {
    const post = (path: string) =>
      `const r = await fetch('${origin}${path}', { method: 'POST', body: 'x' }); const { method, body } = await r.json(); return [r.redirected, r.url, method, body]`
    assert.deepEqual(await script.run(post('/moved')), [true, `${origin}/echo`, 'GET', ''])
    assert.deepEqual(await script.run(post('/kept')), [true, `${origin}/echo`, 'POST', 'x'])
    assert.match(String(await script.run(outcome(`fetch('${origin}/round')`))), /^TypeError: more than 20 redirects/)
    assert.match(
      String(await script.run(outcome(`fetch('${origin}/moved', { redirect: 'error' })`))),
      /^TypeError: .*redirects/,
    )
    assert.equal(await script.run(`return (await fetch('${origin}/moved', { redirect: 'manual' })).status`), 302)
  })

  test('checks each hop of a redirect anew', async () => {
    const text = String(await script.run(outcome(`fetch('${origin}/inside')`)))
    assert.match(text, /^CapabilityError: .*fetch:127\.0\.0\.2:9: add it to the line allow/)
    assert.match(
      String(await script.run(outcome(`fetch('${origin}/file')`))),
      /^TypeError: fetch wants a URL that begins with http/,
    )
  })

  test('needs its host allowed, by address when that is no public one', async () => {
    const none = await Script.raise(lab, [])
    assert.match(
      String(await none.run(outcome(`fetch('https://example.com/')`))),
      /^CapabilityError: .*fetch:example\.com:443/,
    )
    const any = await Script.raise(lab, ['fetch:*:*', 'fetch:localhost:*'])
    for (const host of [
      '127.0.0.1',
      '0x7f000001',
      '127.1',
      '[::1]',
      '[::ffff:127.0.0.1]',
      '169.254.169.254',
      '10.1.1.1',
    ]) {
      assert.match(String(await any.run(outcome(`fetch('http://${host}:1/')`))), /^CapabilityError: /, host)
    }
    assert.match(String(await any.run(outcome(`fetch('http://localhost:1/')`))), /^CapabilityError: localhost leads to/)
  })

  test('ends answers that never end, are too large or unpack to too much', async () => {
    assert.match(
      String(await script.run(outcome(`fetch('${origin}/endless')`))),
      /^Error: .*apps\.fetchBytes \(131072\)/,
    )
    assert.match(String(await script.run(outcome(`fetch('${origin}/bomb')`))), /^Error: .*apps\.fetchBytes \(131072\)/)
    for (const path of ['/drip', '/silent']) {
      assert.match(
        String(await script.run(outcome(`fetch('${origin}${path}')`))),
        /^TimeoutError: .*apps\.fetchTimeout \(400 ms\)/,
      )
    }
  })

  test('can be given up', async () => {
    const seen = await script.run(`
      const controller = new AbortController()
      const asked = fetch('${origin}/silent', { signal: controller.signal })
      controller.abort()
      const names = []
      for (const each of [asked, fetch('${origin}/echo', { signal: controller.signal }), fetch('${origin}/silent', { signal: AbortSignal.timeout(30) })]) {
        names.push(await each.then(() => 'an answer', error => error.name))
      }
      return names
    `)
    assert.deepEqual(seen, ['AbortError', 'AbortError', 'TimeoutError'])
  })

  test('names what it was given wrongly, with the script at the top of the stack', async () => {
    for (const [expression, text] of [
      [`fetch('nowhere')`, /^TypeError/],
      [`fetch('ftp://127.0.0.1/')`, /^TypeError: fetch wants a URL/],
      [`fetch('http://tom:tulip@127.0.0.1/')`, /^TypeError: .*Authorization/],
      [`fetch('${'http://127.0.0.1'}', { method: 'TRACE' })`, /^TypeError: fetch: 'TRACE' is no method/],
      [`fetch('http://127.0.0.1', { body: 'x' })`, /^TypeError: fetch: a GET request has no body/],
      [`fetch('http://127.0.0.1', { headers: { 'a b': 'c' } })`, /^TypeError: .*'a b' is no name of a header/],
      [`fetch('http://127.0.0.1', { headers: { a: 'b\\nc: d' } })`, /^TypeError: .*header a/],
    ] as const) {
      assert.match(String(await script.run(outcome(expression))), text)
    }
    const stack = String(
      await script.run(`try { await fetch('http://127.0.0.3:1/') } catch (error) { return error.stack }`),
    )
    assert.match(stack, /^CapabilityError: .*\n\s+at /)
  })

  test('waits at the top level of a script, too', async () => {
    const app = await lab.app(
      `const answer = await (await fetch('${origin}/packed')).text()\nexport const calls = { answer: () => answer }`,
      { allow: script.app.setup.allow },
    )
    assert.equal(await app.call(app.join().id, 'answer'), 'unpacked')
  })

  test('asks no more at once than apps.pendingCalls', async () => {
    const text = await script.run(`
      const asked = []
      for (let i = 0; i < 60; i++) asked.push(fetch('${origin}/echo').then(() => 'ok', error => error.message))
      return (await Promise.all(asked)).filter(text => text !== 'ok')
    `)
    assert.equal((text as string[]).length, 10)
    assert.match((text as string[])[0]!, /apps\.pendingCalls/)
  })
})
