/** Makes one object on the server as it is declared. */
import { isDeepStrictEqual } from 'node:util'
import { findResource, withoutServerFields, type KubeObject, type ResourceName } from '@orc/schemas'
import { ApiError, type OrcClient, type Written } from '@orc/sdk/client'
import { Failure } from '../failure.ts'
import { intendedObject } from './intended.ts'
import { readIfThere } from './read.ts'

export interface Applied {
  readonly result: 'created' | 'configured' | 'unchanged'
  readonly warnings: readonly string[]
}

const TRIES = 3

/** Somebody else may write at the same time: then it is read and tried again. */
export async function applyObject(client: OrcClient, object: KubeObject): Promise<Applied> {
  const resource = findResource(object.kind)
  if (resource === undefined) throw new Failure(`kind ${object.kind} is not known`)
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await applyOnce(client, resource, object)
    } catch (error) {
      const isRace = error instanceof ApiError && error.code === 409
      if (!isRace || attempt === TRIES) throw error
    }
  }
}

async function applyOnce(client: OrcClient, resource: ResourceName, object: KubeObject): Promise<Applied> {
  const current = await readIfThere(client, resource, object)
  if (current === undefined) {
    const { warnings } = await client.create(resource, object)
    return { result: 'created', warnings }
  }
  const written: Written<KubeObject> = await client.replace(resource, intendedObject(object, current))
  const isSame = isDeepStrictEqual(declared(written.object), declared(current))
  return { result: isSame ? 'unchanged' : 'configured', warnings: written.warnings }
}

/** Without what the server says: the status may have moved on between reading and writing, and the version with it. */
function declared(object: KubeObject): unknown {
  return withoutServerFields(object as unknown as Record<string, unknown>)
}
