/** The patch that was given on the command line or in a file, as JSON or YAML. */
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { UsageError } from 'clipanion'
import { Failure } from '../failure.ts'
import { parseYaml } from '../yaml.ts'

export interface PatchSource {
  readonly text: string | undefined
  readonly file: string | undefined
  readonly cwd: string
}

export async function readPatch({ text, file, cwd }: PatchSource): Promise<Readonly<Record<string, unknown>>> {
  if (text !== undefined && file !== undefined) throw new UsageError('give either -p or --patch-file, not both')
  if (file !== undefined) return asObject(parse(await readFile(path.resolve(cwd, file), 'utf8'), file))
  if (text === undefined) throw new UsageError('-p PATCH or --patch-file FILE is missing')
  return asObject(parse(text, '-p'))
}

function parse(text: string, where: string): unknown {
  try {
    return parseYaml(text)
  } catch (cause) {
    const [reason = ''] = (cause as Error).message.split('\n')
    throw new Failure(`the patch of ${where} is neither JSON nor YAML: ${reason}`, { cause })
  }
}

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw new Failure('a merge patch must be an object, such as {"spec":{"replicas":2}}')
}
