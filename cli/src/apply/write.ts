/** Makes one object on the server as it is declared. */
import { isDeepStrictEqual } from 'node:util'
import { APPLIED_BY, findResource, withoutServerFields, type KubeObject, type ResourceName } from '@orc/schemas'
import { ApiError, type OrcClient, type Written } from '@orc/sdk/client'
import { Failure } from '../failure.ts'
import { intendedObject } from './intended.ts'
import { marked } from './prune.ts'
import { readIfThere } from './read.ts'

export interface Applied {
  readonly result: 'created' | 'configured' | 'unchanged'
  readonly warnings: readonly string[]
}

export type DryRun = 'None' | 'Client' | 'Server'

const TRIES = 3

/** Somebody else may write at the same time: then it is read and tried again. */
export async function applyObject(client: OrcClient, object: KubeObject, dryRun: DryRun): Promise<Applied> {
  const resource = findResource(object.kind)
  if (resource === undefined) throw new Failure(`kind ${object.kind} is not known`)
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await applyOnce(client, resource, { object: marked(object), dryRun })
    } catch (error) {
      const isRace = error instanceof ApiError && error.code === 409
      if (!isRace || attempt === TRIES) throw error
    }
  }
}

async function applyOnce(
  client: OrcClient,
  resource: ResourceName,
  { object, dryRun }: { readonly object: KubeObject; readonly dryRun: DryRun },
): Promise<Applied> {
  const current = await readIfThere(client, resource, object)
  if (dryRun === 'Client') return { result: current === undefined ? 'created' : 'configured', warnings: [] }
  const options = { dryRun: dryRun === 'Server' }
  if (current === undefined) {
    const { warnings } = await client.create(resource, object, options)
    return { result: 'created', warnings }
  }
  const written: Written<KubeObject> = await client.replace(resource, intendedObject(object, current), options)
  const isSame = isDeepStrictEqual(declared(written.object), declared(current))
  return { result: isSame ? 'unchanged' : 'configured', warnings: written.warnings }
}

/**
 * Without what the server says: the status may have moved on between reading and writing, and the version with it. And
 * without the mark: what was there before it was first applied is no other object for that.
 */
function declared({ metadata, ...object }: KubeObject): unknown {
  const { [APPLIED_BY]: _, ...annotations } = metadata.annotations ?? {}
  return withoutServerFields({ ...object, metadata: { ...metadata, annotations } })
}
