/** Checks all files, then makes the objects of the good ones, and says of each what became of it. */
import type { KubeObject } from '@orc/schemas'
import type { OrcClient } from '@orc/sdk/client'
import type { Connection } from '../connection.ts'
import { explain } from '../failure.ts'
import type { OrcContext } from '../orc-context.ts'
import { plain } from '../printers/plain.ts'
import { referenceTo } from '../selection.ts'
import { awaitFile } from './await-file.ts'
import { checkSource, type Checked } from './check.ts'
import type { Source } from './source.ts'
import { pathBelow, watchedRoot } from './watched.ts'
import { prune, type PruneRequest } from './prune.ts'
import { applyObject, type DryRun } from './write.ts'

export interface ApplyRequest {
  readonly sources: readonly Source[]
  readonly namespace: string | undefined
  readonly timeoutMs: number
  readonly dryRun: DryRun
  /** Absent: nothing is deleted. */
  readonly prune: PruneRequest | undefined
  readonly context: Pick<OrcContext, 'stdin' | 'stdout' | 'stderr'>
  /** Only called when a file is good enough to be applied. */
  connect(): Promise<Connection>
}

export async function applySources(request: ApplyRequest): Promise<number> {
  const { stderr } = request.context
  const checked = request.sources.map((source) => checkSource(source, request.namespace))
  const bad = checked.filter(({ errors }) => errors.length > 0)
  for (const error of bad.flatMap(({ errors }) => errors)) stderr.write(`${plain(error)}\n`)
  for (const warning of checked.flatMap(({ warnings }) => warnings)) stderr.write(`Warning: ${plain(warning)}\n`)
  const good = checked.filter(({ errors }) => errors.length === 0)
  if (bad.length > 0) stderr.write(`error: ${verdict(bad, good.length)}\n`)
  if (good.length === 0) return 1
  const { client } = await request.connect()
  const root = await watchedRoot(client)
  let failures = bad.length
  for (const each of good) {
    const relative = await pathBelow(root, each.source)
    failures +=
      relative === undefined
        ? await applyFile(client, each, request)
        : await awaitFile(client, { source: each.source, relative }, request)
  }
  if (request.prune === undefined) return failures > 0 ? 1 : 0
  if (failures > 0) {
    stderr.write('error: nothing is pruned, because not everything could be applied\n')
    return 1
  }
  const declared = { objects: good.flatMap(({ objects }) => objects), namespace: request.namespace }
  return prune(client, declared, { ...request.prune, dryRun: DRY_RUN[request.dryRun], context: request.context })
}

/** What kubectl puts behind a line about something that was not done. */
const DRY_RUN = { None: '', Client: ' (dry run)', Server: ' (server dry run)' } as const satisfies Record<
  DryRun,
  string
>

function verdict(bad: readonly Checked[], goodCount: number): string {
  const names = bad.map(({ source }) => source.name).join(', ')
  return `nothing of ${plain(names)} is applied${goodCount > 0 ? '; the other files are' : ''}`
}

/** How many objects could not be applied. */
async function applyFile(
  client: OrcClient,
  { objects, warnings }: Checked,
  { context, dryRun }: ApplyRequest,
): Promise<number> {
  let failures = 0
  for (const object of objects) {
    try {
      const applied = await applyObject(client, object, dryRun)
      context.stdout.write(`${nameOf(object)} ${applied.result}${DRY_RUN[dryRun]}\n`)
      // The server says again what was said of the file above, with the line.
      const news = applied.warnings.filter((warning) => !warnings.some((known) => known.endsWith(warning)))
      for (const warning of news) context.stderr.write(`Warning: ${plain(warning)}\n`)
    } catch (error) {
      failures += 1
      context.stderr.write(`error: ${nameOf(object)}: ${explain(error).text}\n`)
    }
  }
  return failures
}

function nameOf({ kind, metadata }: KubeObject): string {
  return referenceTo(kind, metadata.name)
}
