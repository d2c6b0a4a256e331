/** Compares what files declare with what is there, as the server would make it of them. */
import { findResource, RESOURCES, restartSentence, type AgentService, type KubeObject } from '@orc/schemas'
import { ApiError, type OrcClient } from '@orc/sdk/client'
import { checkSource } from '../apply/check.ts'
import { intendedObject } from '../apply/intended.ts'
import { readIfThere } from '../apply/read.ts'
import type { Source } from '../apply/source.ts'
import type { Connection } from '../connection.ts'
import { explain, Failure } from '../failure.ts'
import type { OrcContext } from '../orc-context.ts'
import { write } from '../output.ts'
import { colorsOf } from '../printers/colors.ts'
import { plain } from '../printers/plain.ts'
import { referenceTo } from '../selection.ts'
import { compared, type Compared } from './comparable.ts'
import { externalDiff, externalDiffOf } from './external.ts'
import { followersSentence } from './followers.ts'

export interface DiffRequest {
  readonly sources: readonly Source[]
  readonly namespace: string | undefined
  readonly context: OrcContext
  /** Only called when every file is good enough to be compared. */
  connect(): Promise<Connection>
}

interface Pair {
  readonly live: KubeObject | undefined
  readonly merged: KubeObject
}

/** Exit codes of kubectl: 0 = no differences, 1 = differences, more = something could not be compared. */
export async function diffSources(request: DiffRequest): Promise<0 | 1 | 2> {
  const { sources, namespace, context } = request
  const checked = sources.map((source) => checkSource(source, namespace))
  const errors = checked.flatMap((each) => each.errors)
  for (const error of errors) context.stderr.write(`${plain(error)}\n`)
  if (errors.length > 0) throw new Failure('files with mistakes cannot be compared')
  const { client } = await request.connect()
  const objects = checked.flatMap((each) => each.objects)
  const pairs = await pairsOf(client, objects, context)
  const all = pairs.map((pair) => ({ ...pair, text: compared(pair.live, pair.merged) }))
  const different = all.filter(({ text }) => text.live !== text.merged)
  const texts = different.map(({ text }) => text)
  if (texts.length > 0) await write(context.stdout, await diffText(texts, context))
  const lines = await Promise.all(different.map((pair) => consequenceLine(client, pair)))
  await write(context.stdout, lines.join(''))
  if (pairs.length < objects.length) return 2
  return different.length === 0 ? 0 : 1
}

async function diffText(texts: readonly Compared[], context: OrcContext): Promise<string> {
  const external = externalDiffOf(context.env)
  if (external !== undefined) return externalDiff(external, texts)
  const { unifiedDiff } = await import('./unified.ts')
  const colors = colorsOf(context)
  return texts.map((text) => unifiedDiff(text, colors)).join('')
}

/** What cannot be compared is said, and does not hide the rest. */
async function pairsOf(
  client: OrcClient,
  objects: readonly KubeObject[],
  { stderr }: Pick<OrcContext, 'stderr'>,
): Promise<readonly Pair[]> {
  const pairs: Pair[] = []
  for (const object of objects)
    try {
      pairs.push(await pairOf(client, object))
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      stderr.write(`error: ${plain(referenceTo(object.kind, object.metadata.name))}: ${explain(error).text}\n`)
    }
  return pairs
}

async function pairOf(client: OrcClient, object: KubeObject): Promise<Pair> {
  const resource = findResource(object.kind)
  if (resource === undefined) throw new Failure(`kind ${object.kind} is not known`)
  const live = await readIfThere(client, resource, object)
  const { object: merged } =
    live === undefined
      ? await client.create(resource, object, { dryRun: true })
      : await client.replace(resource, withoutVersion(intendedObject(object, live)), { dryRun: true })
  return { live, merged }
}

/** The status may move on between reading and asking; nothing is written, so nothing can be overwritten. */
function withoutVersion(object: KubeObject): KubeObject {
  const { resourceVersion: _, ...metadata } = object.metadata
  return { ...object, metadata }
}

async function consequenceLine(client: OrcClient, pair: Pair): Promise<string> {
  const { merged } = pair
  const sentence = await consequence(client, pair)
  if (sentence === undefined) return ''
  return `${plain(referenceTo(merged.kind, merged.metadata.name))}: applying this ${plain(sentence)}\n`
}

async function consequence(client: OrcClient, { live, merged }: Pair): Promise<string | undefined> {
  if (merged.kind === 'AgentService') return restartSentence(live as AgentService | undefined, merged as AgentService)
  if (merged.kind !== 'ConfigMap' && merged.kind !== 'Secret') return undefined
  const { namespace = 'default' } = merged.metadata
  const { items } = await client.list<AgentService>(RESOURCES.agentservices, { namespace })
  return followersSentence(live, merged, items)
}
