/** Compares what files declare with what is there, as the server would make it of them. */
import { findResource, type AgentService, type KubeObject } from '@orc/schemas'
import type { OrcClient } from '@orc/sdk/client'
import { checkSource } from '../apply/check.ts'
import { intendedObject } from '../apply/intended.ts'
import { readIfThere } from '../apply/read.ts'
import type { Source } from '../apply/source.ts'
import type { Connection } from '../connection.ts'
import { Failure } from '../failure.ts'
import type { OrcContext } from '../orc-context.ts'
import { write } from '../output.ts'
import { colorsOf } from '../printers/colors.ts'
import { plain } from '../printers/plain.ts'
import { referenceTo } from '../selection.ts'
import { compared } from './comparable.ts'
import { externalDiff, externalDiffOf } from './external.ts'
import { restartSentence } from './restarts.ts'
import { unifiedDiff } from './unified.ts'

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

/** 0 = no differences, 1 = differences. */
export async function diffSources(request: DiffRequest): Promise<0 | 1> {
  const { sources, namespace, context } = request
  const { stdout, stderr, env } = context
  const checked = sources.map((source) => checkSource(source, namespace))
  const errors = checked.flatMap((each) => each.errors)
  for (const error of errors) stderr.write(`${plain(error)}\n`)
  if (errors.length > 0) throw new Failure('files with mistakes cannot be compared')
  const { client } = await request.connect()
  const pairs: Pair[] = []
  for (const object of checked.flatMap(({ objects }) => objects)) pairs.push(await pairOf(client, object))
  const all = pairs.map((pair) => ({ ...pair, text: compared(pair.live, pair.merged) }))
  const different = all.filter(({ text }) => text.live !== text.merged)
  if (different.length === 0) return 0
  const external = externalDiffOf(env)
  const texts = different.map(({ text }) => text)
  const colors = colorsOf(context)
  const output =
    external === undefined
      ? texts.map((text) => unifiedDiff(text, colors)).join('')
      : await externalDiff(external, texts)
  await write(stdout, output)
  await write(stdout, different.map(restartLine).join(''))
  return 1
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

function restartLine({ live, merged }: Pair): string {
  if (merged.kind !== 'AgentService') return ''
  const sentence = restartSentence(live as AgentService | undefined, merged as AgentService)
  return `${plain(referenceTo(merged.kind, merged.metadata.name))}: applying this ${plain(sentence)}\n`
}
