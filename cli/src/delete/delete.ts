/** Deletes objects one by one, says of each what became of it, and goes on after a failure. */
import { decode, findResource, formatLocated, type KubeObject, type ResourceName } from '@orc/schemas'
import { ApiError, type OrcClient } from '@orc/sdk/client'
import { readSources, type Source, type SourceOptions } from '../apply/source.ts'
import { explain, Failure } from '../failure.ts'
import { nameOf } from '../get/fetch.ts'
import { notFound } from '../not-found.ts'
import type { OrcContext } from '../orc-context.ts'

export interface Doomed {
  readonly resource: ResourceName
  readonly name: string
  readonly namespace: string
}

export interface DeleteOptions extends Pick<OrcContext, 'stdout' | 'stderr'> {
  readonly ignoreNotFound: boolean
}

export async function deleteObjects(
  client: OrcClient,
  doomed: readonly Doomed[],
  options: DeleteOptions,
): Promise<number> {
  let failures = 0
  for (const each of doomed) {
    const { resource, name, namespace } = each
    try {
      await client.delete(resource, await nameOf(client, resource, name), namespace)
      options.stdout.write(`${resource.singular}${resource.group && `.${resource.group}`} "${name}" deleted\n`)
    } catch (error) {
      const isMissing = error instanceof ApiError && error.code === 404
      if (isMissing && options.ignoreNotFound) continue
      const reported = isMissing && resource.kind === 'AgentService' ? await missing(client, each) : error
      options.stderr.write(`error: ${explain(reported).text}\n`)
      failures += 1
    }
  }
  return failures > 0 ? 1 : 0
}

async function missing(client: OrcClient, { name, namespace }: Doomed): Promise<Failure> {
  return new Failure(await notFound(client, name, namespace))
}

/** Kind and name are enough: a file need not be valid otherwise to say what is to go. */
export async function objectsOfFiles(
  files: readonly string[],
  options: SourceOptions & { readonly namespace: string },
): Promise<readonly Doomed[]> {
  const sources = await readSources(files, options)
  return sources.flatMap((source) => doomedBy(source, options.namespace))
}

function doomedBy(source: Source, namespace: string): Doomed[] {
  const { documents, errors } = decode(source.text)
  if (errors[0] !== undefined) throw new Failure(formatLocated(source.name, errors[0]))
  return documents.map(({ raw, line }) => {
    const { kind, metadata } = (raw ?? {}) as Partial<KubeObject>
    const resource = typeof kind === 'string' ? findResource(kind) : undefined
    const name: unknown = metadata?.name
    if (resource === undefined || typeof name !== 'string' || name === '')
      throw new Failure(
        formatLocated(source.name, { line, column: 1, message: 'must be an object of a known kind with a name' }),
      )
    return { resource, name, namespace: metadata?.namespace ?? namespace }
  })
}
