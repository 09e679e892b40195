import { arch, hostname, release, type } from 'node:os'
import { dirname, parse } from 'node:path'

/**
 * What server.configs tells of the program and its machine, under CumulusServer's names. Folders end with a slash, as they did
 * there. A section of the same name in the ini adds to it.
 */
export function processFacts(configFolder: string): Record<string, Record<string, string>> {
  const path = process.argv[1] ?? process.execPath
  const { base, name } = parse(path)
  return {
    application: { path, name: base, baseName: name, dir: `${dirname(path)}/`, configDir: `${configFolder}/` },
    system: { osName: type(), osVersion: release(), osArchitecture: arch(), nodeName: hostname() },
  }
}
