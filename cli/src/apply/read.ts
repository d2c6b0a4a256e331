/** Reads an object that may not be there. */
import type { KubeObject, ResourceName } from '@orc/schemas'
import { ApiError, type OrcClient } from '@orc/sdk/client'

export async function readIfThere(
  client: OrcClient,
  resource: ResourceName,
  { metadata }: Pick<KubeObject, 'metadata'>,
): Promise<KubeObject | undefined> {
  try {
    return await client.get<KubeObject>(resource, metadata.name, metadata.namespace)
  } catch (error) {
    if (error instanceof ApiError && error.code === 404) return undefined
    throw error
  }
}
