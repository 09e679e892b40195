import { sentenceOf } from '../world.ts'
import type { Command } from './command.ts'

export const reload: Command = {
  name: 'reload',
  usage: '[APP]',
  help: 'load an application anew, as a save does',
  async run({ world: { applications }, words: [name], app }) {
    const path = name === undefined ? app : applications.find(name)
    if (path === undefined) throw new Error(`there is no application ${name}: .apps shows them`)
    return sentenceOf(await new Promise(done => applications.reload(path, done)))
  },
}
