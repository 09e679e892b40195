import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, suite, test } from 'node:test'
import { allowed } from '../../apps/host/outside/script.ts'
import { AscLab } from './asc-lab.ts'

suite('LoadVars and XML', () => {
  const lab = new AscLab()
  /** Says what it was sent, in the form that the path asks for. */
  const backend = createServer(async (request, response) => {
    let body = ''
    for await (const part of request) body += part
    const query = new URL(request.url!, 'http://host').searchParams.toString()
    const said = `method=${request.method}&type=${request.headers['content-type'] ?? ''}&key=${request.headers['x-key'] ?? ''}`
    if (request.url!.startsWith('/none')) response.writeHead(404).end('nothing')
    else if (request.url!.startsWith('/xml')) response.end(`<answer to="${request.method}">${body}</answer>`)
    else response.end(`${said}&sent=${encodeURIComponent(body || query)}`)
  })
  let url = ''
  before(async () => {
    await once(backend.listen(0, '127.0.0.1'), 'listening')
    url = `http://127.0.0.1:${(backend.address() as AddressInfo).port}`
  })
  after(async () => {
    backend.close()
    await lab.end()
    backend.closeAllConnections()
  })

  const app = (code: string) => lab.app(code, { allow: allowed('fetch:127.0.0.1:*'), config: { url } })

  test('LoadVars takes names and values apart and puts them together', async () => {
    const tried = await app(`
      var vars = new LoadVars()
      vars.decode('name=Tom+Jones&city=K%C3%B6ln')
      trace(vars.name + ' of ' + vars.city)
      vars.city = 'a&b'; vars.greet = function () {}
      trace(vars.toString())`)
    await tried.log('Tom Jones of Köln')
    await tried.log('name=Tom+Jones&city=a%26b')
  })

  test('LoadVars loads, sends, and sends and loads', async () => {
    const tried = await app(`
      var base = application.config.url
      var one = new LoadVars()
      one.onHTTPStatus = function (status) { trace('status ' + status) }
      one.onLoad = function (success) { trace('one ' + success + ' ' + this.method + ' ' + this.sent + ' ' + this.loaded) }
      one.load(base + '/vars?a=1')
      var two = new LoadVars(), answer = new LoadVars()
      two.b = 'x y'
      two.addRequestHeader('X-Key', 'k')
      answer.onLoad = function () { trace('two ' + this.method + ' ' + this.type + ' ' + this.key + ' ' + this.sent) }
      two.sendAndLoad(base + '/vars', answer)
      var three = new LoadVars(), got = new LoadVars()
      three.c = 3
      got.onData = function (text) { trace('three ' + text) }
      three.sendAndLoad(base + '/vars', got, 'GET')
      var none = new LoadVars()
      none.onLoad = function (success) { trace('none ' + success) }
      none.load(base + '/none')`)
    await tried.log('status 200')
    await tried.log('one true GET a=1 true')
    await tried.log('two POST application/x-www-form-urlencoded k b=x+y')
    await tried.log('three method=GET&type=&key=&sent=c%3D3')
    await tried.log('none false')
  })

  test('what may not be reached is told to onLoad, and to the log with its line', async () => {
    const tried = await app(`
      var vars = new LoadVars()
      vars.onLoad = function (success) { trace('away ' + success) }
      vars.load('http://127.0.0.2/')`)
    await tried.log('away false')
    const line = tried.of('log').find(({ level }) => level === 'warn')!
    assert.match(line.text, /http:\/\/127\.0\.0\.2\/ was not loaded: .*allow/)
    assert.equal(line.line, 4)
  })

  test('XML reads a document, and writes it', async () => {
    const tried = await app(`
      var text = '<?xml version="1.0"?><!DOCTYPE list [<!ELEMENT list ANY>]><list kind="a &amp; b"> <item id="1">one &lt; two</item><!-- no --><item/><![CDATA[<raw>]]></list>'
      var doc = new XML()
      doc.ignoreWhite = true
      doc.parseXML(text)
      var list = doc.firstChild
      trace([doc.status, list.nodeName, list.attributes.kind, list.childNodes.length, list.firstChild.firstChild.nodeValue].join(' | '))
      trace(list.firstChild.nextSibling.nodeName + ' ' + list.lastChild.nodeValue + ' ' + list.lastChild.nodeType)
      trace(doc.toString())
      var more = doc.createElement('more')
      more.attributes.to = 'you'
      more.appendChild(doc.createTextNode('"hi"'))
      list.insertBefore(more, list.firstChild)
      list.lastChild.removeNode()
      trace(list.cloneNode(true).toString())
      try { more.appendChild(list) } catch (error) { trace(error.message) }`)
    await tried.log('0 | list | a & b | 3 | one < two')
    await tried.log('item <raw> 3')
    await tried.log(
      '<?xml version="1.0"?><!DOCTYPE list [<!ELEMENT list ANY>]><list kind="a &amp; b"><item id="1">one &lt; two</item><item />&lt;raw&gt;</list>',
    )
    await tried.log(
      '<list kind="a &amp; b"><more to="you">&quot;hi&quot;</more><item id="1">one &lt; two</item><item /></list>',
    )
    await tried.log('a node cannot be put into itself')
  })

  test('XML says what is wrong with a text', async () => {
    const texts = ['<a>', '</a>', '<a b="1>', '<!-- ', '<![CDATA[ ', '<? ', '<!D', '<a', '<a></b>', '< >']
    const tried = await app(`
      var texts = ${JSON.stringify(texts)}, found = []
      for (var i = 0; i < texts.length; i++) found.push(new XML(texts[i]).status)
      trace(found.join())`)
    await tried.log('-9,-10,-8,-5,-2,-3,-4,-6,-10,-6')
  })

  test('XML is sent and loaded', async () => {
    const tried = await app(`
      var question = new XML('<ask/>'), answer = new XML()
      answer.onLoad = function (success) { trace(success + ' ' + this.firstChild.attributes.to + ' ' + this.firstChild.firstChild.nodeName) }
      question.sendAndLoad(application.config.url + '/xml', answer)`)
    await tried.log('true POST ask')
  })
})
