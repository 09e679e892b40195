import type { Engine } from '../engine.ts'
import { textGiven } from '../given.ts'
import { setOwn } from '../primordials.ts'
import { addHeaders, request, webStateOf } from './web-request.ts'
import { elementType, textType, XMLNode } from './xml-node.ts'
import { parseXml } from './xml-parser.ts'

/** The global `XML`: a document, as far as text and HTTP go. */
export function xmlClass(engine: Engine): new (source?: string | XMLNode) => XMLNode {
  class XML extends XMLNode {
    declare ignoreWhite: boolean
    declare contentType: string
    declare loaded: boolean | undefined
    declare onLoad: ((success: boolean) => void) | undefined
    /** 0, or what is wrong with the text that was parsed last. */
    status = 0
    xmlDecl: string | undefined
    docTypeDecl: string | undefined

    constructor(source?: string | XMLNode) {
      super(elementType, null)
      if (source !== undefined) this.parseXML(String(source))
    }

    addRequestHeader(name: unknown, value?: unknown): void {
      addHeaders(this, name, value)
    }

    createElement(name: string): XMLNode {
      return new XMLNode(elementType, textGiven(name, 'createElement: name'))
    }

    createTextNode(text: string): XMLNode {
      return new XMLNode(textType, textGiven(text, 'createTextNode: text'))
    }

    /** In place of what it held; `status` says how that went. */
    parseXML(text: string): void {
      this.childNodes = []
      const { status, declaration, doctype } = parseXml(
        textGiven(text, 'parseXML: text'),
        this,
        this.ignoreWhite === true,
      )
      this.status = status
      this.xmlDecl = declaration
      this.docTypeDecl = doctype
    }

    getBytesLoaded(): number {
      return webStateOf(this).loaded
    }

    getBytesTotal(): number {
      return webStateOf(this).total
    }

    load(url: string): boolean {
      this.loaded = false
      request(engine, this, this, { url: textGiven(url, 'load: url'), method: 'GET' })
      return true
    }

    send(url: string): boolean {
      return this.sendAndLoad(url, null)
    }

    sendAndLoad(url: string, target: object | null): boolean {
      const asked = { url: textGiven(url, 'send: url'), method: 'POST', body: String(this), type: this.contentType }
      request(engine, this, target, asked)
      return true
    }

    onData(text: string | undefined): void {
      if (text !== undefined) this.parseXML(text)
      this.loaded = text !== undefined
      this.onLoad?.(this.loaded)
    }

    override toString(): string {
      return (this.xmlDecl ?? '') + (this.docTypeDecl ?? '') + super.toString()
    }
  }
  setOwn(XML.prototype, 'contentType', 'application/x-www-form-urlencoded', false)
  setOwn(XML.prototype, 'ignoreWhite', false, false)
  return XML
}
