/** Where the manifest of an object is. */
import { RESOURCES, type Manifest } from '@orc/schemas'
import type { OrcClient } from '@orc/sdk/client'
import path from 'node:path'
import { sleep } from '../output.ts'

export interface Wanted {
  readonly kind: string
  readonly namespace: string
  readonly name: string
}

const TRIES = 20
const PAUSE_MS = 50

/** Absolute path; undefined when no file declares the object. A file that was written just now may take a moment. */
export async function manifestFileOf(
  client: OrcClient,
  manifestsDir: string,
  wanted: Wanted,
): Promise<string | undefined> {
  for (let attempt = 1; attempt <= TRIES; attempt += 1) {
    const { items } = await client.list<Manifest>(RESOURCES.manifests)
    const found = items.find(({ status }) => status.objects.some((object) => isSame(object, wanted)))
    if (found !== undefined) return path.join(manifestsDir, found.spec.path)
    await sleep(PAUSE_MS)
  }
  return undefined
}

function isSame(object: Wanted, { kind, namespace, name }: Wanted): boolean {
  return object.kind === kind && object.namespace === namespace && object.name === name
}

/** Relative to the working directory when it lies in there. */
export function displayPath(file: string, cwd: string): string {
  const relative = path.relative(cwd, file)
  return relative.startsWith('..') ? file : relative
}
