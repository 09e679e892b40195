import type { Clock, Timer } from '../base/clock.ts'
import { type Address, addressIn, publicationKey, quoted, readName } from './address.ts'
import type { Archive, RecordTold, RecordWish } from './archive.ts'
import type { Attendant } from './attendant.ts'
import { allows, type Client } from './client.ts'
import { Contest } from './contest.ts'
import { isElsewhere, type Judge, type Witness } from './judge.ts'
import { generationsMax, type HubLimits, wishesMax } from './limits.ts'
import { Publication, type PublicationHost, type Publisher } from './publication.ts'

export interface PublishingOptions extends Pick<PublicationHost, 'soon' | 'lagged' | 'tooSlow'> {
  judge: Judge
  witness: Witness
  clock: Clock
  limits: HubLimits
  archive: Pick<Archive, 'record' | 'began' | 'ended'>
  /** In place of the hub's own kind, when frames pass through another process. */
  PublicationKind?: typeof Publication
  /** Somebody publishes it from now on, or nobody does any more. */
  moved?: (publication: Publication) => void
}

export type PublishOutcome =
  | { ok: true; publication: Publication }
  | { ok: false; code: 'Publish.BadName' | 'Publish.Failed'; text: string }

/** What a client asked for. */
interface Request {
  readonly client: Client
  /** The name in its own words. */
  readonly given: string
  readonly address: Address
  readonly publisher: Publisher
  readonly answer: (outcome: PublishOutcome) => void
}

/** Who publishes what: names taken, taken over, left, and the grace in which players wait for the next publisher. */
export class Publishing {
  readonly publications = new Map<string, Publication>()
  attendant: Attendant | null = null
  readonly #judge: Judge
  readonly #witness: Witness
  readonly #clock: Clock
  readonly #limits: HubLimits
  readonly #host: PublicationHost
  readonly #Kind: typeof Publication
  readonly #moved: (publication: Publication) => void
  readonly #archive: PublishingOptions['archive']
  /** Recordings that begin once the verdict of their publication is yes. */
  readonly #wishes = new Map<Publication, { readonly wish: RecordWish; readonly told: RecordTold }[]>()
  readonly #graces = new Map<Publication, Timer>()
  /** Who wants a name that somebody has; what they wait for, once it is the present publisher's sign of life. */
  readonly #contenders = new Map<Publisher, Contest | null>()
  /** Last generation of names nobody uses, in order of their leaving. */
  readonly #generations = new Map<string, number>()

  constructor(options: PublishingOptions) {
    this.#judge = options.judge
    this.#witness = options.witness
    this.#clock = options.clock
    this.#limits = options.limits
    this.#Kind = options.PublicationKind ?? Publication
    this.#moved = options.moved ?? (() => {})
    this.#archive = options.archive
    this.#host = {
      now: () => options.clock.now(),
      soon: options.soon,
      later: (ms, flush) => options.clock.after(ms, flush),
      lagged: options.lagged,
      tooSlow: options.tooSlow,
      metadataChanged: publication => options.witness.metadataChanged(publication),
      codecsChanged: publication => options.witness.codecsChanged(publication),
    }
  }

  /** A joined client wants to publish. Answered once, unless the publisher gives up before by unpublish(). */
  publish(client: Client, given: string, publisher: Publisher, answer: (outcome: PublishOutcome) => void): void {
    const address = this.addressOf(client, given)
    if (!address)
      return answer({ ok: false, code: 'Publish.BadName', text: `${quoted(given)} is not a name to publish` })
    if (!allows(client.facts.writeAccess, address.address)) {
      return answer({ ok: false, code: 'Publish.Failed', text: `No write access to ${given}` })
    }
    const publication = this.find(client.app, address)
    const request = { client, given, address, publisher, answer }
    if (publication.state === 'asking') return this.#busy(request, publication)
    if (!publication.publisher) return this.#ask(request, publication)
    this.#contend(request, publication, publication.publisher)
  }

  /** A script or a relay wants to publish: no verdict is asked. Null when the name is taken or cannot be one. */
  publishAs(publisher: Publisher, app: string, given: string): Publication | null {
    const name = readName(given)
    if (!name) return null
    const publication = this.find(app, addressIn('', name))
    if (publication.publisher) return null
    publication.begin(publisher, {}, this.#clock.epoch())
    this.#live(publication)
    return publication
  }

  /** The publisher ends, or gives up while its verdict is out. Harmless when somebody else has the name by now. */
  unpublish(publication: Publication, publisher: Publisher | null): void {
    if (!publisher || publication.publisher !== publisher) return
    if (publication.state === 'asking') return this.#refuse(publication)
    this.#end(publication, publisher)
    this.#witness.publicationChanged(publication)
    this.#startGrace(publication)
  }

  /** The publisher gives up while its verdict may be out. */
  withdraw(client: Client, publisher: Publisher): void {
    this.#contenders.get(publisher)?.cancel()
    if (this.#contenders.delete(publisher)) return
    for (const publication of client.publications) {
      if (publication.publisher === publisher) return this.unpublish(publication, publisher)
    }
  }

  /** Ends a publication from this side: its publisher is told `NetStream.<code>`. */
  closePublication(publication: Publication, code: string, description: string): void {
    const { publisher } = publication
    if (!publisher) return
    this.unpublish(publication, publisher)
    publisher.closed(code, description)
  }

  /** Records it from now on, or as soon as it is live when its verdict is out. */
  record(publication: Publication, wish: RecordWish, told: RecordTold): void {
    const wishes = this.#wishes.get(publication) ?? []
    if (publication.state === 'live') this.#archive.record(publication, wish, told)
    else if (publication.state !== 'asking' || wishes.length >= wishesMax) told('Failed', 'nobody publishes it')
    else this.#wishes.set(publication, [...wishes, { wish, told }])
  }

  /** The publication of that address, made if there is none. */
  find(app: string, address: Address): Publication {
    const key = publicationKey(app, address.address)
    let publication = this.publications.get(key)
    if (!publication) {
      publication = new this.#Kind(app, address, this.#limits.publication, this.#limits.listener.mergeMs, this.#host)
      publication.generation = this.#generations.get(key) ?? 0
      this.publications.set(key, publication)
    }
    return publication
  }

  /** Forgets a publication that nobody publishes, hears or waits for. */
  prune(publication: Publication): void {
    if (publication.state !== 'idle' || publication.listeners.size > 0 || publication.waiting > 0) return
    if (this.publications.get(publication.key) !== publication) return
    this.publications.delete(publication.key)
    this.#remember(publication)
    this.#witness.publicationRemoved(publication)
  }

  /** Where a name given by a client leads, or null when it is no name or leads into another application's folder. */
  addressOf(client: Client, given: string): Address | null {
    const name = readName(given)
    if (!name) return null
    const address = addressIn(client.facts.room, name)
    if (address.room === client.facts.room) return address
    return isElsewhere(this.#judge.locate(`${client.app}/${address.room}`), client.app) ? null : address
  }

  close(): void {
    for (const grace of this.#graces.values()) grace.cancel()
    this.#graces.clear()
    for (const contest of this.#contenders.values()) contest?.cancel()
    this.#contenders.clear()
  }

  /** The name is taken: the application decides, else whether its publisher still lives. */
  #contend(request: Request, publication: Publication, current: Publisher): void {
    const { client, publisher } = request
    const settle = (replace: boolean): void => {
      if (!this.#contenders.delete(publisher) || client.state !== 'joined') return
      // The one it would replace may have left, or been replaced, while the question was out.
      const now = this.find(client.app, request.address)
      const isBusy = now.state === 'asking' || (now.publisher !== null && (now.publisher !== current || !replace))
      if (isBusy) return this.#busy(request, now)
      if (now.publisher) this.#takeOver(now, now.publisher)
      this.#ask(request, now)
    }
    this.#contenders.set(publisher, null)
    this.#judge.conflict(client, publication, replace => {
      if (!this.#contenders.has(publisher)) return
      // Whoever has the name himself has just been heard.
      if (replace !== undefined || current.client === client) return settle(replace ?? false)
      const contest = new Contest(publication, current, this.#clock, this.#limits.publication.staleMs, settle)
      this.#contenders.set(publisher, contest)
      contest.look()
    })
  }

  #busy({ given, answer }: Request, publication: Publication): void {
    this.prune(publication)
    answer({ ok: false, code: 'Publish.BadName', text: `${given} is already published` })
  }

  #ask({ client, given, address, publisher, answer }: Request, publication: Publication): void {
    publication.begin(publisher, address.query, this.#clock.epoch())
    client.publications.add(publication)
    this.#witness.publicationChanged(publication)
    this.#judge.publish(client, publication, verdict => {
      if (publication.publisher !== publisher || publication.state !== 'asking') return
      if (!verdict.ok) {
        this.#refuse(publication)
        const text = verdict.text === '' ? `Not allowed to publish ${given}` : verdict.text
        return answer({ ok: false, code: 'Publish.Failed', text })
      }
      publication.state = 'live'
      this.#witness.published(client, publication)
      answer({ ok: true, publication })
      // The answer may have ended it: its publisher had given up meanwhile.
      if (publication.publisher === publisher) this.#live(publication)
    })
  }

  #live(publication: Publication): void {
    publication.state = 'live'
    this.#graces.get(publication)?.cancel()
    this.#graces.delete(publication)
    if (!publication.publisher?.client) this.#witness.publicationChanged(publication)
    for (const listener of publication.listeners.values()) {
      if (listener.told) continue
      listener.told = true
      listener.sink.published()
    }
    for (const { wish, told } of this.#wishesOf(publication)) this.#archive.record(publication, wish, told)
    this.#archive.began(publication)
    this.#moved(publication)
    this.attendant?.live(publication)
  }

  #wishesOf(publication: Publication) {
    const wishes = this.#wishes.get(publication) ?? []
    this.#wishes.delete(publication)
    return wishes
  }

  /** Refused publishes do not count as generations. */
  #refuse(publication: Publication): void {
    for (const { told } of this.#wishesOf(publication)) told('Failed', 'it was not published')
    publication.publisher?.client?.publications.delete(publication)
    publication.generation--
    publication.end()
    this.#witness.publicationChanged(publication)
    if (this.#graces.has(publication)) publication.state = 'grace'
    else this.#endGrace(publication)
  }

  /** Without a grace players wait for the newcomer's verdict all the same: they hear of an end only if it is no. */
  #takeOver(publication: Publication, old: Publisher): void {
    this.#end(publication, old)
    old.closed('Unpublish.Success', `${old.given ?? publication.address.name} was taken over`)
    if (this.#limits.publication.graceMs > 0) this.#startGrace(publication)
  }

  #end(publication: Publication, publisher: Publisher): void {
    const { client } = publisher
    client?.publications.delete(publication)
    if (client) this.#witness.unpublished(client, publication, publication.generation)
    this.#archive.ended(publication)
    publication.end()
    this.#moved(publication)
  }

  #startGrace(publication: Publication): void {
    if (this.#limits.publication.graceMs === 0) return this.#endGrace(publication)
    publication.state = 'grace'
    this.#graces.get(publication)?.cancel()
    const timer = this.#clock.after(this.#limits.publication.graceMs, () => this.#endGrace(publication))
    this.#graces.set(publication, timer)
  }

  #endGrace(publication: Publication): void {
    this.#graces.delete(publication)
    // While a verdict is out, the players go on waiting for it.
    if (publication.state === 'asking') return
    publication.state = 'idle'
    for (const listener of publication.listeners.values()) {
      if (!listener.told) continue
      listener.told = false
      listener.sink.unpublished()
    }
    this.attendant?.idle(publication)
    this.prune(publication)
  }

  #remember(publication: Publication): void {
    if (publication.generation === 0) return
    this.#generations.delete(publication.key)
    this.#generations.set(publication.key, publication.generation)
    if (this.#generations.size <= generationsMax) return
    const oldest = this.#generations.keys().next().value
    if (oldest !== undefined) this.#generations.delete(oldest)
  }
}
