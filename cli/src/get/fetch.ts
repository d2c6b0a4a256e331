/** Reads what `get` shows: whole collections, or the objects that were named. */
import { didYouMean, RESOURCES, type KubeObject, type Manifest, type ResourceName } from '@orc/schemas'
import { ApiError, type OrcClient } from '@orc/sdk/client'
import { Failure } from '../failure.ts'
import { kindWords, type Selection } from '../selection.ts'

export interface Scope {
  /** All namespaces when absent. */
  readonly namespace: string | undefined
  readonly labelSelector: string | undefined
  readonly fieldSelector?: string | undefined
}

export interface Fetched {
  readonly resource: ResourceName
  readonly items: readonly KubeObject[]
  /** One per name that was not found, or that could not be read. */
  readonly errors: readonly Error[]
}

export async function fetchSelection(client: OrcClient, selection: Selection, scope: Scope): Promise<Fetched> {
  const { resource, names } = selection
  if (names.length === 0) {
    const { items } = await client.list<KubeObject>(resource, scope)
    return { resource, items, errors: [] }
  }
  const results = await Promise.allSettled(names.map((name) => readOne(client, selection, name, scope)))
  return {
    resource,
    items: results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : [])),
    errors: results.flatMap((result) => (result.status === 'rejected' ? [result.reason as Error] : [])),
  }
}

async function readOne(
  client: OrcClient,
  selection: Selection,
  name: string,
  { namespace }: Scope,
): Promise<KubeObject> {
  const { resource, guessedFrom } = selection
  try {
    if (!resource.namespaced) return await readByPath(client, resource, name)
    return await client.get<KubeObject>(resource, name, namespace)
  } catch (error) {
    if (name === guessedFrom && error instanceof ApiError && error.code === 404)
      throw new Failure(await neitherKindNorService(client, name, namespace), { cause: error })
    throw error
  }
}

async function neitherKindNorService(client: OrcClient, word: string, namespace: string | undefined): Promise<string> {
  const { items } = await client.list<KubeObject>(RESOURCES.agentservices, { namespace })
  const near = didYouMean(word, [...kindWords(), ...items.map(({ metadata }) => metadata.name)])
  return `there is no kind and no service ${JSON.stringify(word)}${near === '' ? `; kinds are ${kindWords().join(', ')}` : near}`
}

/** A manifest is named after its file, but people know it by its path. Read alone it has its text. */
async function readByPath(client: OrcClient, resource: ResourceName, name: string): Promise<KubeObject> {
  return client.get<KubeObject>(resource, await nameOf(client, resource, name))
}

/** Of the object that a person calls so: a manifest by its path, or by its name. */
export async function nameOf(client: OrcClient, resource: ResourceName, word: string): Promise<string> {
  if (resource !== RESOURCES.manifests) return word
  const { items } = await client.list<Manifest>(resource)
  const found = items.find(({ metadata, spec }) => metadata.name === word || spec.path === word)
  if (found !== undefined) return found.metadata.name
  const near = didYouMean(
    word,
    items.map(({ spec }) => spec.path),
  )
  const message = `there is no manifest ${JSON.stringify(word)}${near || '; "orc get manifests" lists the paths'}`
  throw new ApiError({
    apiVersion: 'v1',
    kind: 'Status',
    metadata: {},
    status: 'Failure',
    reason: 'NotFound',
    code: 404,
    message,
  })
}
