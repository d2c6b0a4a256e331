/** The sentence for a service that does not exist, with the name that was meant if one is near. */
import { RESOURCES, type AgentService } from '@orc/schemas'
import type { OrcClient } from '@orc/sdk/client'
import { didYouMean } from '@orc/schemas'

export async function notFound(client: OrcClient, name: string, namespace: string): Promise<string> {
  const { items } = await client.list<AgentService>(RESOURCES.agentservices)
  const names = items.filter(({ metadata }) => metadata.namespace === namespace).map(({ metadata }) => metadata.name)
  const elsewhere = items.find(({ metadata }) => metadata.name === name)?.metadata.namespace
  const hint = elsewhere === undefined ? didYouMean(name, names) : `; there is one in namespace ${elsewhere} (-n)`
  return `there is no service ${JSON.stringify(name)} in namespace ${namespace}${hint}`
}
