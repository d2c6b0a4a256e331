/** Files that the controller watches itself: they are never sent, but waited for. */
import { findResource, RESOURCES, type ControllerInfo, type KubeObject, type Manifest } from '@orc/schemas'
import type { OrcClient } from '@orc/sdk/client'
import { readFile, realpath } from 'node:fs/promises'
import path from 'node:path'
import { Failure } from '../failure.ts'
import { sleep } from '../output.ts'
import { readIfThere } from './read.ts'
import { hashOf, type Source } from './source.ts'

const POLL_MS = 50

/** The watched directory, with symbolic links resolved; undefined when it is not on this machine. */
export async function watchedRoot(client: OrcClient): Promise<string | undefined> {
  const { manifestsDir } = await client.raw<ControllerInfo>({ method: 'GET', path: '/orc' })
  return realpath(manifestsDir).catch(() => undefined)
}

/** The path of a file below the watched directory, as the controller names it. */
export async function pathBelow(root: string | undefined, { file }: Source): Promise<string | undefined> {
  if (root === undefined || file === undefined) return undefined
  const relative = path.relative(root, await realpath(file))
  return relative.startsWith('..') || path.isAbsolute(relative) ? undefined : relative
}

/** The controller's judgement of the file as it is now. The file may change while we wait: the newest content counts. */
export async function whenJudged(client: OrcClient, relative: string, options: { file: string; timeoutMs: number }) {
  const { file, timeoutMs } = options
  const deadline = performance.now() + timeoutMs
  for (;;) {
    const hash = hashOf(await readFile(file))
    const { items } = await client.list<Manifest>(RESOURCES.manifests)
    const manifest = items.find(({ spec }) => spec.path === relative)
    if (manifest?.status.observedHash === hash) return manifest
    if (performance.now() > deadline)
      throw new Failure(
        `the controller has not loaded ${relative} within ${String(timeoutMs / 1000)} s; see its log, and ` +
          'whether it takes files of this name ("orc get manifests" lists what it sees)',
      )
    await sleep(POLL_MS)
  }
}

/** The objects of a file that was loaded, as the API shows them. The file may be shown a moment before they are. */
export async function whenThere(
  client: OrcClient,
  wanted: Manifest['status']['objects'],
  timeoutMs: number,
): Promise<KubeObject[]> {
  const deadline = performance.now() + timeoutMs
  const found: KubeObject[] = []
  for (const { kind, namespace, name } of wanted) {
    const resource = findResource(kind)
    let object: KubeObject | undefined
    while (resource !== undefined && object === undefined) {
      object = await readIfThere(client, resource, { metadata: { name, namespace } })
      if (object === undefined && performance.now() > deadline)
        throw new Failure(`${kind} ${namespace}/${name} is not there yet`)
      if (object === undefined) await sleep(POLL_MS)
    }
    if (object !== undefined) found.push(object)
  }
  return found
}
