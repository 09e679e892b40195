import type { Clock } from '../base/clock.ts'
import { addressIn, publicationKey, readName } from '../hub/address.ts'
import type { Hub } from '../hub/hub.ts'
import { isElsewhere, type Judge } from '../hub/judge.ts'
import type { Publication } from '../hub/publication.ts'
import type { App } from './app.ts'
import { playlistItemsMax, playlistsMax } from './limits.ts'
import { Playlist } from './playlist.ts'
import type { ScriptPublications } from './script-publications.ts'
import { brief } from './verdicts.ts'
import type { AppCommand } from './wire.ts'

export interface ServerStreamsOptions {
  readonly hub: Hub
  readonly publications: ScriptPublications
  readonly clock: Clock
  readonly locate: Judge['locate']
}

/** The streams into which scripts have the server play (Adobe's Stream.play): a playlist each. */
export class ServerStreams {
  readonly #options: ServerStreamsOptions
  readonly #byApp = new Map<string, Map<string, Playlist>>()

  constructor(options: ServerStreamsOptions) {
    this.#options = options
  }

  play(app: App, { stream, source, start, length, reset }: AppCommand & { c: 'streamPlay' }): void {
    const tell = this.#teller(app, stream)
    const [into, from] = [this.#address(app.path, stream), this.#address(app.path, source)]
    if (!into || !from) {
      return tell('Play.Failed', source, `${brief(into ? source : stream)} is no name of this application's`)
    }
    const playlist = this.#playlist(app, into.address, stream)
    if (typeof playlist === 'string') return tell('Publish.BadName', stream, playlist)
    const item = { name: source, address: from.address, format: from.format, start, length }
    if (reset) playlist.reset(item)
    else if (playlist.count < playlistItemsMax) playlist.add(item)
    else tell('Play.Failed', source, `a playlist has ${playlistItemsMax} entries, ${brief(source)} was not added`)
  }

  stop(app: App, { stream }: AppCommand & { c: 'streamStop' }): void {
    const into = this.#address(app.path, stream)
    if (into) this.#over(app, into.address, stream)
  }

  /** It is live from now on, or nobody publishes it any more. */
  changed(publication: Publication): void {
    for (const playlist of this.#byApp.get(publication.app)?.values() ?? []) playlist.changed()
  }

  /** The isolate is gone, and what it published with it. */
  end(path: string): void {
    for (const playlist of this.#byApp.get(path)?.values() ?? []) playlist.stop()
    this.#byApp.delete(path)
  }

  /** That of the address, begun if there is none; a text when it cannot be. */
  #playlist(app: App, address: string, stream: string): Playlist | string {
    const { hub, publications, clock } = this.#options
    const own = this.#byApp.get(app.path) ?? new Map<string, Playlist>()
    const key = publicationKey(app.path, address)
    const known = own.get(address)
    const standing = hub.publications.get(key)
    if (known && standing && publications.has(app.path, standing)) return known
    known?.stop()
    if (!known && own.size >= playlistsMax) return `the application plays ${playlistsMax} streams, more are not allowed`
    // The server's word is above a client's: who publishes the name has to leave it.
    if (standing?.publisher?.client) {
      hub.publishing.closePublication(standing, 'Unpublish.Success', `${stream} was taken over by the application`)
    }
    const text = publications.publish(app.path, address)
    const output = hub.publications.get(key)
    if (text !== null || !output) return text ?? `${stream} cannot be published`
    const tell = this.#teller(app, stream)
    const playlist = new Playlist({
      app: app.path,
      output,
      clock,
      archive: hub.archive,
      tell,
      live: of => this.#live(app.path, of),
      over: () => this.#over(app, address, stream),
    })
    this.#byApp.set(app.path, own.set(address, playlist))
    tell('Publish.Start', stream, `${stream} is now published`)
    return playlist
  }

  #over(app: App, address: string, stream: string): void {
    const { hub, publications } = this.#options
    const own = this.#byApp.get(app.path)
    const playlist = own?.get(address)
    if (!playlist) return
    playlist.stop()
    own?.delete(address)
    const output = hub.publications.get(publicationKey(app.path, address))
    if (output && publications.has(app.path, output)) hub.publishing.closePublication(output, 'Unpublish.Success', '')
    this.#teller(app, stream)('Unpublish.Success', stream, `${stream} is now unpublished`)
  }

  #live(path: string, address: string): Publication | null {
    const publication = this.#options.hub.publications.get(publicationKey(path, address))
    return publication?.state === 'live' ? publication : null
  }

  #teller(app: App, stream: string) {
    return (code: string, name: string, description: string): void =>
      app.channel.tell({ e: 'streamStatus', stream, code: `NetStream.${code}`, name, description })
  }

  #address(path: string, given: string) {
    const name = readName(given)
    if (!name) return null
    const { address, room } = addressIn('', name)
    return isElsewhere(this.#options.locate(`${path}/${room}`), path) ? null : { address, format: name.format }
  }
}
