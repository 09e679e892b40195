import type { ClientState } from './client-state.ts'
import { SafeMap } from './primordials.ts'
import type { Publication, PublicationState } from './publication.ts'

interface Grant {
  client: ClientState
  publication: PublicationState
  generation: number
}

/**
 * Publishers whom onPublish has let in, up to their onUnpublish. Who leaves while the answer is out was never a publisher
 * to the server, which tells of no end then; the script that said yes has to hear of one all the same.
 */
export class Grants {
  readonly #grants = new SafeMap<string, Grant>()
  /** Calls onUnpublish. */
  readonly #ended: (client: object, publication: Publication) => void
  /** Another version is told of the ends. */
  #handedOver = false

  constructor(ended: (client: object, publication: Publication) => void) {
    this.#ended = ended
  }

  /** onPublish is asked; gives what is to be called when it has said yes. */
  asked(client: ClientState, publication: PublicationState): () => void {
    const grant: Grant = { client, publication, generation: publication.facts.generation }
    return () => {
      if (!holds(grant)) this.#ended(client.view, publication.view)
      else if (!this.#handedOver) this.#grants.set(publication.key, grant)
    }
  }

  /** The server tells of its end. */
  over(key: string): void {
    this.#grants.delete(key)
  }

  /** The facts of a publication have changed. */
  changed(key: string): void {
    const grant = this.#grants.get(key)
    if (grant === undefined || holds(grant)) return
    this.#grants.delete(key)
    this.#ended(grant.client.view, grant.publication.view)
  }

  /** `true`: another version serves; false: it does not after all. */
  handOver(isOver: boolean): void {
    this.#handedOver = isOver
    if (isOver) this.#grants.clear()
  }
}

function holds({ client, publication, generation }: Grant): boolean {
  const { facts, closed } = publication
  return !closed && facts.publisherId === client.facts.id && facts.generation === generation
}
