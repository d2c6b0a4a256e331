/** Copies logs to a stream: as they come, made harmless, and with the replica's name where there are several. */
import type { LogOptions, OrcClient } from '@orc/sdk/client'
import type { Writable } from 'node:stream'
import { write } from '../output.ts'
import type { Paint } from '../printers/colors.ts'
import { plain, PlainPieces } from '../printers/plain.ts'

export interface LogRequest {
  readonly client: OrcClient
  readonly namespace: string
  readonly pods: readonly string[]
  readonly options: LogOptions
  readonly raw: boolean
  /** One paint per pod, in turn; tells their lines apart. */
  readonly paints: readonly [Paint, ...Paint[]]
  readonly signal: AbortSignal
}

/** Rejects when the only log cannot be read. Of several, those that can be read are; the errors of the others come back. */
export async function copyLogs(request: LogRequest, stdout: Writable): Promise<readonly Error[]> {
  const { pods, options } = request
  const [only] = pods
  if (pods.length === 1 && only !== undefined) {
    await copyPieces(request, only, stdout)
    return []
  }
  const errors: Error[] = []
  const copies = pods.map((pod, at) => async () => {
    await copyLines(request, pod, { at, stdout }).catch((error: unknown) => errors.push(error as Error))
  })
  if (options.follow === true) await Promise.all(copies.map((copy) => copy()))
  else for (const copy of copies) await copy()
  return errors
}

async function copyPieces(request: LogRequest, pod: string, stdout: Writable): Promise<void> {
  const { client, namespace, options, raw, signal } = request
  const plainPieces = new PlainPieces()
  for await (const piece of client.logs(namespace, pod, options, signal))
    await write(stdout, raw ? piece : plainPieces.push(piece))
  await write(stdout, plainPieces.end())
}

interface Prefixed {
  readonly at: number
  readonly stdout: Writable
}

/** Whole lines, so that those of different replicas are not mixed. */
async function copyLines(request: LogRequest, pod: string, { at, stdout }: Prefixed): Promise<void> {
  const { client, namespace, options, raw, paints, signal } = request
  const paint = paints[at % paints.length] ?? paints[0]
  const show = (line: string): Promise<void> => write(stdout, `${paint(`[${pod}]`)} ${raw ? line : plain(line)}\n`)
  let rest = ''
  for await (const piece of client.logs(namespace, pod, options, signal)) {
    const parts = (rest + piece).split('\n')
    rest = parts.pop() ?? ''
    for (const part of parts) await show(part)
  }
  if (rest !== '') await show(rest)
}
