import { AdminClient } from '../admin/client/admin-client.ts'
import { operatorName } from '../admin/client/operator-name.ts'
import { ConfigError } from '../base/errors.ts'
import { type ConfigArguments, loadConfig } from '../config/load.ts'

/** The server that the arguments mean, and the application as people write it. Rejects with a ConfigError. */
export async function reach(name: string, options: ConfigArguments): Promise<{ client: AdminClient; app: string }> {
  const { data } = loadConfig(options).apps
  const client = await AdminClient.connect(data, operatorName())
  const { ok, text } = await client.ask({ do: 'use', app: name })
  if (ok) return { client, app: text }
  client.close()
  throw new ConfigError('UNKNOWN_APP', text, 'An application is a folder of www/ with a main.js, named as in its URL.')
}
