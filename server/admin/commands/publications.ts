import { duration, table } from '../table.ts'
import type { Command } from './command.ts'

export const publications: Command = {
  name: 'publications',
  usage: '',
  help: 'list what is published, and how many watch it',
  run({ world }) {
    const now = world.clock.epoch()
    const rows = [...world.hub.publications.values()].map(publication => {
      const { app, address, publisherId, startedAt, generation } = publication.facts()
      const codecs = [publication.videoCodec, publication.audioCodec].filter(codec => codec !== '')
      return [
        `${app}/${address}`,
        publisherId === '' ? 'nobody' : publisherId.slice(0, 12),
        publication.listeners.size,
        codecs.join('+') || '-',
        startedAt === 0 ? '-' : duration(now - startedAt),
        generation,
      ]
    })
    const head = ['publication', 'publisher', 'listeners', 'codecs', 'since', 'generation']
    return table(head, rows, 'nothing is published')
  },
}
