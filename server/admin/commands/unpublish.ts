import { plain } from '../table.ts'
import type { Command } from './command.ts'

export const unpublish: Command = {
  name: 'unpublish',
  usage: 'NAME',
  help: 'end a publication, named as .publications shows it or as the application in use has it',
  run({ world, words, app }) {
    const name = words.join(' ')
    if (name === '') throw new Error('.unpublish needs the name of a publication: .publications shows them')
    const found = [...world.hub.publications.values()].find(publication => {
      const { app: owner, address } = publication.facts()
      return `${owner}/${address}` === name || (owner === app && address === name)
    })
    if (!found?.publisher) throw new Error(`nobody publishes ${plain(name)}: .publications shows what there is`)
    world.hub.publishing.closePublication(found, 'Unpublish.Success', 'ended by the operator')
    return `${plain(name)} was ended`
  },
}
