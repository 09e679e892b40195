import { TypeErrorClass } from '../primordials.ts'

export const elementType = 1
export const textType = 3

/** One node of a document: an element (nodeType 1), or a text (3). */
export class XMLNode {
  nodeType: number
  nodeName: string | null
  nodeValue: string | null
  attributes: Record<string, string> = {}
  childNodes: XMLNode[] = []
  parentNode: XMLNode | null = null

  constructor(type: number = elementType, value: string | null = null) {
    this.nodeType = type
    this.nodeName = type === elementType ? value : null
    this.nodeValue = type === elementType ? null : value
  }

  get firstChild(): XMLNode | null {
    return this.childNodes[0] ?? null
  }

  get lastChild(): XMLNode | null {
    return this.childNodes.at(-1) ?? null
  }

  get nextSibling(): XMLNode | null {
    return this.#sibling(1)
  }

  get previousSibling(): XMLNode | null {
    return this.#sibling(-1)
  }

  hasChildNodes(): boolean {
    return this.childNodes.length > 0
  }

  appendChild(node: XMLNode): void {
    this.#adopt(node)
    this.childNodes.push(node)
  }

  insertBefore(node: XMLNode, before: XMLNode): void {
    const at = this.childNodes.indexOf(before)
    if (at < 0) throw new TypeErrorClass('insertBefore: the second node is no child of this one')
    this.#adopt(node)
    this.childNodes.splice(this.childNodes.indexOf(before), 0, node)
  }

  removeNode(): void {
    const siblings = this.parentNode?.childNodes
    const at = siblings?.indexOf(this) ?? -1
    if (at >= 0) siblings?.splice(at, 1)
    this.parentNode = null
  }

  cloneNode(deep: boolean = false): XMLNode {
    const copy = new XMLNode(this.nodeType, this.nodeType === elementType ? this.nodeName : this.nodeValue)
    copy.attributes = { ...this.attributes }
    if (deep) for (const child of this.childNodes) copy.appendChild(child.cloneNode(true))
    return copy
  }

  toString(): string {
    if (this.nodeType !== elementType) return escaped(this.nodeValue ?? '')
    const inner = this.childNodes.map(String).join('')
    if (this.nodeName === null) return inner
    let head = `<${this.nodeName}`
    for (const name of Object.keys(this.attributes)) head += ` ${name}="${escaped(String(this.attributes[name]))}"`
    return inner === '' ? `${head} />` : `${head}>${inner}</${this.nodeName}>`
  }

  #sibling(step: 1 | -1): XMLNode | null {
    const siblings = this.parentNode?.childNodes ?? []
    return siblings[siblings.indexOf(this) + step] ?? null
  }

  #adopt(node: XMLNode): void {
    for (let above: XMLNode | null = this; above; above = above.parentNode) {
      if (above === node) throw new TypeErrorClass('a node cannot be put into itself')
    }
    node.removeNode()
    node.parentNode = this
  }
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' }

export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, sign => entities[sign]!)
}
