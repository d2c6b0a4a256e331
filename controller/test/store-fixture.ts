/** A manifest store on real directories, with a writer and a watcher, and nothing of the rest of the controller. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { keyOf, type AgentService, type Manifest } from '@orc/schemas'
import { Cache } from '../src/cache/cache.ts'
import { systemClock } from '../src/clock.ts'
import { FileChanges } from '../src/manifests/file-changes.ts'
import { FileWriter } from '../src/manifests/file-writer.ts'
import { ManifestStore } from '../src/manifests/manifest-store.ts'
import { watchManifests, type ManifestWatcher } from '../src/manifests/manifest-watcher.ts'
import { ManifestWriter } from '../src/manifests/manifest-writer.ts'
import type { Hold } from '../src/manifests/removals.ts'
import { ObjectRecords } from '../src/objects/object-records.ts'
import { poll } from './harness.ts'

export let dir: string
export let root: string
export let cache: Cache
export let store: ManifestStore
export let writer: ManifestWriter
export let fileWriter: FileWriter
let watcher: ManifestWatcher
export let warnings: string[]
export let holds: Readonly<Record<string, Hold>>

export async function open(): Promise<void> {
  let version = 1000
  warnings = []
  cache = new Cache({ nextResourceVersion: () => (version += 1) })
  const records = new ObjectRecords(path.join(dir, 'objects'))
  records.load(() => undefined)
  const log = {
    info: () => undefined,
    warn: (message: string) => void warnings.push(message),
    error: (message: string, error: unknown) => void warnings.push(`${message} ${String(error)}`),
  }
  store = new ManifestStore({
    root,
    readOnlyRoots: [path.join(dir, 'shared')],
    cache,
    records,
    clock: systemClock,
    log,
    holds: {
      read: () => holds,
      write: (next) => {
        holds = next
      },
    },
    onRootChange: () => undefined,
    onAcceptance: () => undefined,
  })
  const changes = new FileChanges(store, log)
  writer = new ManifestWriter(store, cache, changes)
  fileWriter = new FileWriter(store, cache, changes)
  watcher = await watchManifests(root, {
    onHint: (hint) => {
      store.hint(hint)
    },
    onTrouble: () => undefined,
  })
  await store.start()
}

export async function close(): Promise<void> {
  store.close()
  await watcher.close()
}

/** For beforeEach: empty directories. */
export async function setUp(): Promise<void> {
  holds = {}
  dir = await mkdtemp(path.join(os.tmpdir(), 'orc-store-'))
  root = path.join(dir, 'manifests')
  await mkdir(root)
  await mkdir(path.join(dir, 'objects'))
}

/** For afterEach. */
export async function tearDown(): Promise<void> {
  await close()
  await rm(dir, { recursive: true, force: true })
}

export const service = (name: string, more = ''): string => `apiVersion: orc.dev/v1alpha1
kind: AgentService
metadata:
  name: ${name} # the name
spec:
  # what runs
  command: [sleep, "60"]
${more}`
export const save = (file: string, text: string): Promise<void> => writeFile(path.join(root, file), text)
export const keyFor = (name: string): string => keyOf('AgentService', 'default', name)
export const get = (name: string): AgentService | undefined => cache.get<AgentService>(keyFor(name))
export const manifest = (file: string): Manifest | undefined =>
  cache.list<Manifest>('Manifest').find(({ spec }) => spec.path === file)
export const there = (name: string): Promise<AgentService> =>
  poll(
    `${name} to be declared`,
    () => get(name),
    5000,
    () => warnings.join('\n'),
  )
