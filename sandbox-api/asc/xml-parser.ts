import { setOwn } from '../primordials.ts'
import { textType, XMLNode } from './xml-node.ts'

/** What Adobe's XML.status says: 0 is well. */
const xmlStatus = {
  cdataOpen: -2,
  declarationOpen: -3,
  doctypeOpen: -4,
  commentOpen: -5,
  malformed: -6,
  attributeOpen: -8,
  endMissing: -9,
  startMissing: -10,
} as const

export interface ParsedXml {
  status: number
  declaration: string | undefined
  doctype: string | undefined
}

const named: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0' }

/** Reads as much as is well-formed into `root`. */
export function parseXml(text: string, root: XMLNode, ignoreWhite: boolean): ParsedXml {
  const parsed: ParsedXml = { status: 0, declaration: undefined, doctype: undefined }
  let node = root
  let at = 0
  const fail = (status: number): ParsedXml => ({ ...parsed, status })
  while (at < text.length) {
    if (text[at] !== '<') {
      const next = text.indexOf('<', at)
      const end = next < 0 ? text.length : next
      addText(node, unescaped(text.slice(at, end)), ignoreWhite)
      at = end
    } else if (text.startsWith('<!--', at)) {
      const end = text.indexOf('-->', at + 4)
      if (end < 0) return fail(xmlStatus.commentOpen)
      at = end + 3
    } else if (text.startsWith('<![CDATA[', at)) {
      const end = text.indexOf(']]>', at)
      if (end < 0) return fail(xmlStatus.cdataOpen)
      addText(node, text.slice(at + 9, end), false)
      at = end + 3
    } else if (text.startsWith('<?', at)) {
      const end = text.indexOf('?>', at)
      if (end < 0) return fail(xmlStatus.declarationOpen)
      if (text.startsWith('<?xml', at)) parsed.declaration = text.slice(at, end + 2)
      at = end + 2
    } else if (text.startsWith('<!', at)) {
      const end = doctypeEnd(text, at)
      if (end < 0) return fail(xmlStatus.doctypeOpen)
      parsed.doctype = text.slice(at, end)
      at = end
    } else if (text[at + 1] === '/') {
      const end = text.indexOf('>', at)
      if (end < 0) return fail(xmlStatus.malformed)
      if (node.nodeName !== text.slice(at + 2, end).trim()) return fail(xmlStatus.startMissing)
      node = node.parentNode ?? root
      at = end + 1
    } else {
      const begun = openElement(text, at)
      if (typeof begun === 'number') return fail(begun)
      node.appendChild(begun.node)
      if (!begun.isEmpty) node = begun.node
      at = begun.end
    }
  }
  return node === root ? parsed : fail(xmlStatus.endMissing)
}

function openElement(text: string, from: number): { node: XMLNode; isEmpty: boolean; end: number } | number {
  const name = /[^\s/>=<"']+/y
  name.lastIndex = from + 1
  const [tag] = name.exec(text) ?? []
  if (tag === undefined) return xmlStatus.malformed
  const node = new XMLNode(1, tag)
  let at = from + 1 + tag.length
  for (;;) {
    while (/\s/.test(text[at] ?? '')) at++
    if (text[at] === '>') return { node, isEmpty: false, end: at + 1 }
    if (text.startsWith('/>', at)) return { node, isEmpty: true, end: at + 2 }
    const attribute = /([^\s/>=<"']+)\s*=\s*(["'])/y
    attribute.lastIndex = at
    const found = attribute.exec(text)
    if (found === null) return xmlStatus.malformed
    const begin = attribute.lastIndex
    const end = text.indexOf(found[2]!, begin)
    if (end < 0) return xmlStatus.attributeOpen
    setOwn(node.attributes, found[1]!, unescaped(text.slice(begin, end)))
    at = end + 1
  }
}

function addText(node: XMLNode, text: string, ignoreWhite: boolean): void {
  if (text === '' || (ignoreWhite && text.trim() === '')) return
  node.appendChild(new XMLNode(textType, text))
}

/** Behind the `>` that ends it; brackets hold declarations of their own. */
function doctypeEnd(text: string, from: number): number {
  let depth = 0
  for (let at = from; at < text.length; at++) {
    if (text[at] === '[') depth++
    else if (text[at] === ']') depth--
    else if (text[at] === '>' && depth === 0) return at + 1
  }
  return -1
}

function unescaped(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]{1,6})|#([0-9]{1,7})|([a-z]+));/gi, (whole, hex, decimal, name) => {
    if (name !== undefined) return Object.hasOwn(named, name) ? named[name]! : whole
    const code = Number.parseInt(hex ?? decimal, hex === undefined ? 10 : 16)
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole
  })
}
