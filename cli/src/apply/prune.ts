/** Deletes what earlier applies made and the files no longer declare: shown with the files that hold it, and asked for first. */
import {
  APPLIED_BY,
  findResource,
  keyOf,
  keyOfObject,
  RESOURCES,
  type AgentService,
  type Key,
  type KubeObject,
  type Manifest,
} from '@orc/schemas'
import { ApiError, type OrcClient } from '@orc/sdk/client'
import { isConfirmed } from '../confirmation.ts'
import { explain } from '../failure.ts'
import { wavesOf } from '../fleet/waves.ts'
import type { OrcContext } from '../orc-context.ts'
import { plain } from '../printers/plain.ts'
import { referenceTo } from '../selection.ts'

/** Services first: what they mention goes when they have no more use for it. */
const PRUNED = [RESOURCES.agentservices, RESOURCES.configmaps, RESOURCES.secrets]

export interface PruneRequest {
  /** Labels of what may go; undefined = everything. */
  readonly selector: string | undefined
  readonly yes: boolean
}

/** With the mark by which a later apply knows that it may prune the object. */
export function marked(object: KubeObject): KubeObject {
  if (!PRUNED.some(({ kind }) => kind === object.kind)) return object
  const annotations = { ...object.metadata.annotations, [APPLIED_BY]: 'orc apply' }
  return { ...object, metadata: { ...object.metadata, annotations } }
}

/** 0 when nothing is left to prune, 1 when something could not be deleted or was not agreed to. */
export async function prune(
  client: OrcClient,
  declared: { readonly objects: readonly KubeObject[]; readonly namespace: string | undefined },
  request: PruneRequest & {
    readonly dryRun: string
    readonly context: Pick<OrcContext, 'stdin' | 'stdout' | 'stderr'>
  },
): Promise<0 | 1> {
  const { context, dryRun, yes } = request
  const doomed = await doomedBeside(client, declared, request.selector)
  if (dryRun !== '') {
    for (const object of doomed) context.stdout.write(`${nameOf(object)} pruned${dryRun}\n`)
    return 0
  }
  if (doomed.length === 0) return 0
  const files = await filesByKey(client)
  const lines = doomed.map((object) => plain(lineOf(object, files.get(keyOfObject(object)))))
  const question = `Delete ${doomed.length === 1 ? 'this object' : `these ${String(doomed.length)} objects`}, which no given file declares any more?`
  if (!(await isConfirmed(context, { question, lines, yes }))) return 1
  let failures = 0
  for (const object of doomed) failures += await pruneOne(client, object, context)
  return failures > 0 ? 1 : 0
}

async function doomedBeside(
  client: OrcClient,
  { objects, namespace: asked }: { readonly objects: readonly KubeObject[]; readonly namespace: string | undefined },
  labelSelector: string | undefined,
): Promise<readonly KubeObject[]> {
  const kept = new Set(objects.map(keyOfObject))
  const named = [asked, ...objects.map(({ metadata }) => metadata.namespace)]
  const doomed: KubeObject[] = []
  for (const resource of PRUNED)
    for (const namespace of new Set(named.filter((each) => each !== undefined))) {
      const { items } = await client.list<KubeObject>(resource, { namespace, labelSelector })
      // Lists of a kind may leave it out of their items.
      const whole = items.map((item) => ({ ...item, kind: resource.kind }))
      doomed.push(...whole.filter((item) => isApplied(item) && !kept.has(keyOfObject(item))))
    }
  const isService = ({ kind }: KubeObject): boolean => kind === RESOURCES.agentservices.kind
  const services = doomed.filter(isService) as AgentService[]
  return [...wavesOf(services, services).toReversed().flat(), ...doomed.filter((each) => !isService(each))]
}

function isApplied({ metadata }: KubeObject): boolean {
  return metadata.annotations?.[APPLIED_BY] !== undefined
}

async function filesByKey(client: OrcClient): Promise<ReadonlyMap<Key, string>> {
  const { items } = await client.list<Manifest>(RESOURCES.manifests)
  return new Map(
    items.flatMap(({ spec, status }) =>
      status.objects.map(({ kind, namespace, name }) => [keyOf(kind, namespace, name), spec.path] as const),
    ),
  )
}

function lineOf(object: KubeObject, file: string | undefined): string {
  const where = file === undefined ? '' : ` (in ${file})`
  return `${nameOf(object)} in namespace ${object.metadata.namespace ?? ''}${where}`
}

async function pruneOne(
  client: OrcClient,
  object: KubeObject,
  { stdout, stderr }: Pick<OrcContext, 'stdout' | 'stderr'>,
): Promise<0 | 1> {
  const resource = findResource(object.kind)
  if (resource === undefined) return 0
  try {
    await client.delete(resource, object.metadata.name, object.metadata.namespace ?? '')
  } catch (error) {
    if (!(error instanceof ApiError && error.code === 404)) {
      stderr.write(`error: ${nameOf(object)}: ${explain(error).text}\n`)
      return 1
    }
  }
  stdout.write(`${nameOf(object)} pruned\n`)
  return 0
}

function nameOf({ kind, metadata }: KubeObject): string {
  return referenceTo(kind, metadata.name)
}
