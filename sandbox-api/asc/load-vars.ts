import type { Engine } from '../engine.ts'
import { textGiven } from '../given.ts'
import { setOwn } from '../primordials.ts'
import { URLSearchParams } from '../web/url-search-params.ts'
import { addHeaders, request, webStateOf } from './web-request.ts'

/** Names and values, sent to a web server and loaded from one (LoadVars), as Adobe had it. */
export function loadVarsClass(engine: Engine) {
  class LoadVars {
    /** What came was understood. */
    declare loaded: boolean | undefined
    declare contentType: string
    declare onLoad: ((success: boolean) => void) | undefined

    addRequestHeader(name: unknown, value?: unknown): void {
      addHeaders(this, name, value)
    }

    /** Every name of the text becomes a property. */
    decode(text: string): void {
      for (const [name, value] of new URLSearchParams(textGiven(text, 'decode: the text'))) setOwn(this, name, value)
    }

    getBytesLoaded(): number {
      return webStateOf(this).loaded
    }

    getBytesTotal(): number {
      return webStateOf(this).total
    }

    /** Its own onLoad hears whether it came. */
    load(url: string): boolean {
      setOwn(this, 'loaded', false, false)
      request(engine, this, this, { url: textGiven(url, 'load: url'), method: 'GET' })
      return true
    }

    send(url: string, _window?: unknown, method: string = 'POST'): boolean {
      return exchange(this, url, null, method)
    }

    /** What comes back is the target's. */
    sendAndLoad(url: string, target: object, method: string = 'POST'): boolean {
      return exchange(this, url, target, method)
    }

    onData(text: string | undefined): void {
      if (text !== undefined) this.decode(text)
      setOwn(this, 'loaded', text !== undefined, false)
      this.onLoad?.(text !== undefined)
    }

    toString(): string {
      const variables = new URLSearchParams()
      for (const name of Object.keys(this)) {
        const value = (this as Record<string, unknown>)[name]
        if (typeof value !== 'function' && name !== 'contentType') variables.append(name, String(value))
      }
      return variables.toString()
    }
  }
  for (const [name, value] of [
    ['contentType', 'application/x-www-form-urlencoded'],
    ['loaded', undefined],
  ] as const) {
    setOwn(LoadVars.prototype, name, value, false)
  }

  function exchange(vars: LoadVars, url: string, target: object | null, method: string): boolean {
    const address = textGiven(url, 'send: url')
    const variables = String(vars)
    if (method.toUpperCase() === 'GET') {
      const mark = address.includes('?') ? '&' : '?'
      request(engine, vars, target, { url: variables === '' ? address : address + mark + variables, method: 'GET' })
    } else request(engine, vars, target, { url: address, method: 'POST', body: variables, type: vars.contentType })
    return true
  }
  return LoadVars
}
