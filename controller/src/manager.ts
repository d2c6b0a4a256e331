/** The only place where rooms are made and joined. Everything else gets what it needs handed in. */
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { keyOf, type Key, type KubeObject } from '@orc/schemas'
import { createApiServer } from './api/server.ts'
import { Credentials } from './api/credentials.ts'
import { Cache } from './cache/cache.ts'
import type { WatchEvent } from './cache/watch-event.ts'
import { systemClock } from './clock.ts'
import { capacityOf, controllerInfo } from './controller-info.ts'
import type { Config } from './config.ts'
import { listenProblem } from './listen-problem.ts'
import type { Log } from './log.ts'
import { ManifestStore } from './manifests/manifest-store.ts'
import { watchManifests, type ManifestWatcher } from './manifests/manifest-watcher.ts'
import type { RootDirectory } from './manifests/root-directory.ts'
import { Memory } from './memory.ts'
import { Sampler } from './metrics/sampler.ts'
import { openState, sessionMemory, versionSource, type StateDatabase } from './objects/controller-state.ts'
import { Namespaces } from './objects/namespaces.ts'
import { ObjectRecords } from './objects/object-records.ts'
import { PodDeletions } from './objects/pod-deletions.ts'
import { RememberedRevisions } from './objects/remembered-revisions.ts'
import { Revisions } from './objects/revisions.ts'
import { SecretStore } from './objects/secret-store.ts'
import { Prober } from './probe/prober.ts'
import { WorkQueue } from './queue/work-queue.ts'
import { Admission } from './reconcile/admission.ts'
import { Controller } from './reconcile/controller.ts'
import { ConfigRevisions } from './reconcile/config-revision.ts'
import { concerned } from './reconcile/concerned.ts'
import { Dependencies } from './reconcile/dependencies.ts'
import { logPolicyOf } from './reconcile/log-limits.ts'
import { Rollouts } from './reconcile/rollouts.ts'
import { ServiceReconciler } from './reconcile/service-reconciler.ts'
import { readBootId, readStat } from './runtime/local/identity.ts'
import type { ServiceRef } from './runtime/runtime.ts'
import { readHostCapacity } from './runtime/local/limits/host-capacity.ts'
import { LocalRuntime } from './runtime/local/local-runtime.ts'
import { LocalPodLogs } from './runtime/local/logs/pod-logs.ts'
import { rememberRoot } from './remember-root.ts'
import { readOrCreateToken, writeKubeconfig, type StatePaths } from './state-directory.ts'
import { createWriters } from './writers.ts'

export interface ManagerOptions {
  readonly config: Config
  readonly paths: StatePaths
  readonly log: Log
  readonly version: string
  readonly dashboardDir: string | undefined
  readonly env: NodeJS.ProcessEnv
}

export class Manager {
  readonly #options: ManagerOptions
  readonly #state: StateDatabase
  readonly #cache: Cache
  readonly #records: ObjectRecords
  readonly #secrets: SecretStore
  readonly #dependencies: Dependencies
  readonly #podDeletions: PodDeletions
  readonly #revisions: Revisions
  readonly #queue = new WorkQueue(systemClock)
  readonly #runtime: LocalRuntime
  readonly #store: ManifestStore
  readonly #namespaces: Namespaces
  readonly #prober: Prober
  readonly #sampler: Sampler
  readonly #memory: Memory
  readonly #admission: Admission
  readonly #reconciler: ServiceReconciler
  readonly #controller: Controller
  readonly #closers: (() => unknown)[] = []
  readonly #startedAt = new Date(systemClock.wallMs()).toISOString()
  #server = ''
  readonly #watchers = new Map<RootDirectory, ManifestWatcher>()
  #credentials: Credentials | undefined

  constructor(options: ManagerOptions) {
    const { config, paths, log, env } = options
    const clock = systemClock
    const hint = (key: Key): void => {
      this.#hint(key)
    }
    this.#options = options
    const state = openState(paths.state)
    this.#state = state
    this.#cache = new Cache({ nextResourceVersion: versionSource(state, clock.wallMs()) })
    this.#records = new ObjectRecords(paths.objects)
    this.#dependencies = new Dependencies(this.#cache)
    this.#podDeletions = new PodDeletions(paths.pods)
    this.#revisions = new Revisions(paths.revisions)
    this.#secrets = new SecretStore(paths.secrets, this.#cache, clock)
    this.#memory = new Memory({ file: paths.history, cache: this.#cache, clock, log })
    this.#runtime = new LocalRuntime({
      ...{ stateDir: paths.root, portRange: config.portRange, clock, log },
      ...(config.enforcement === 'Auto' && { cgroupName: `orc-${state.data.instanceId.slice(0, 8)}` }),
      logPolicy: logPolicyOf(this.#cache, config.logQuota, () => this.#server !== ''),
      onLogBytesDropped: this.#memory.tellOfLogs,
    })
    this.#store = new ManifestStore({
      root: config.manifestsDir,
      readOnlyRoots: config.readOnlyManifestsDirs,
      cache: this.#cache,
      records: this.#records,
      clock,
      log,
      holds: {
        read: () => state.data.holds,
        write: (holds) => {
          state.data.holds = { ...holds }
          state.write()
        },
      },
      onRootChange: (root) => void this.#watch(root),
      onAcceptance: hint,
    })
    this.#namespaces = new Namespaces({
      cache: this.#cache,
      clock,
      instanceId: state.data.instanceId,
      isDeclared: (key) => this.#store.has(key),
    })
    this.#prober = new Prober(clock, hint)
    this.#sampler = new Sampler({
      ...{ clock, log },
      processes: () => this.#runtime.processes(),
      onChange: ({ namespace, service }) => {
        this.#hint(keyOf('AgentService', namespace, service))
      },
    })
    const configs = new ConfigRevisions(this.#cache, state.data.instanceId)
    this.#admission = new Admission({ host: readHostCapacity(config.reserve), onChange: hint })
    this.#reconciler = new ServiceReconciler({
      admission: this.#admission,
      cache: this.#cache,
      runtime: this.#runtime,
      prober: this.#prober,
      sampler: this.#sampler,
      deletions: this.#podDeletions,
      clock,
      baseDirOf: (key) => path.dirname(this.#store.rootOfObject(key).path),
      inherited: env,
      acceptance: (key) => this.#store.acceptance(key),
      narrator: this.#memory.narrator,
      dependencies: this.#dependencies,
      configs,
      rollouts: new Rollouts({ revisions: this.#revisions, clock, configs, bootId: readBootId() }),
    })
    this.#controller = new Controller({
      name: 'agentservices',
      queue: this.#queue,
      reconciler: this.#reconciler,
      onError: (key, error, retries) => {
        log.error(`${key}: pass failed (retry ${String(retries + 1)})`, error)
      },
    })
  }

  /** Takes over what runs, loads what is declared, opens the doors, then begins to reconcile. Returns the address. */
  async start(): Promise<string> {
    await this.#load()
    this.#server = await this.#openDoors()
    await this.#reconciler.takeStock(this.#serviceKeys())
    this.#controller.start()
    this.#memory.sample(this.#sampler, (key) => this.#prober.takeTimes(key))
    return this.#server
  }

  /** Ends every service that an earlier controller left, without reading a manifest or opening a door. */
  async stopLeftovers(): Promise<void> {
    const adopted = await this.#adopt()
    await this.#memory.recall(this.#runtime)
    for (const key of adopted) this.#hint(key)
    this.#controller.start()
    await this.stopServices()
  }

  /** This very process, so that others can tell it from a later one of the same pid. */
  identity(): { readonly pid: number; readonly startTicks: number } {
    return { pid: process.pid, startTicks: readStat(process.pid)?.startTicks ?? 0 }
  }

  /** A link that signs a browser in, once, within two minutes. */
  dashboardLink(): string {
    return this.#credentials === undefined
      ? this.#server
      : `${this.#server}/#code=${this.#credentials.createCode().code}`
  }

  /** Asks every service to end and resolves when none has a process. `onProgress` hears how many are left. */
  async stopServices(onProgress: (left: number) => void = () => undefined): Promise<void> {
    this.#reconciler.shutDown()
    for (const key of this.#serviceKeys()) this.#queue.add(key)
    for (let left = this.#runtime.liveServices(); left > 0; left = this.#runtime.liveServices()) {
      onProgress(left)
      // Not a timer of the clock: those let the process end.
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }

  /** Closes the rooms; what runs goes on running. */
  async close(): Promise<void> {
    for (const close of this.#closers.toReversed()) await close()
    await this.#controller.stop(AbortSignal.timeout(5000))
    this.#store.close()
    this.#prober.close()
    this.#sampler.close()
    await this.#runtime.close()
    await this.#memory.close()
  }

  async #load(): Promise<void> {
    const { config, log } = this.#options
    await mkdir(config.manifestsDir, { recursive: true })
    const onBroken = (file: string, error: unknown): void => {
      log.warn(`${file} cannot be read and is passed over: ${String(error)}`)
    }
    this.#namespaces.follow()
    this.#records.load(onBroken)
    rememberRoot(this.#state, config, this.#records.keys().length)
    this.#secrets.load(onBroken)
    this.#podDeletions.load(onBroken)
    this.#revisions.load(onBroken)
    this.#cache.subscribe((key, change) => {
      this.#onChange(key, change)
    })
    const adopted = await this.#adopt()
    const watching = Promise.all(this.#store.roots.map((root) => this.#watch(root)))
    this.#closers.push(() => Promise.all([...this.#watchers.values()].map((watcher) => watcher.close())))
    // Side by side: what changes between the two is found by the first full pass, a second later.
    await Promise.all([watching, this.#store.start(), this.#memory.recall(this.#runtime)])
    this.#memory.follow()
    for (const key of adopted) this.#hint(key)
  }

  /** From here on the runtime tells of what happens; the services that it found running. */
  async #adopt(): Promise<readonly Key[]> {
    const keyOfService = ({ namespace, name }: ServiceRef): Key => keyOf('AgentService', namespace, name)
    this.#runtime.onHint((service) => {
      this.#hint(keyOfService(service))
    })
    return (await this.#runtime.adopt()).map(keyOfService)
  }

  async #watch(root: RootDirectory): Promise<void> {
    const { log } = this.#options
    await this.#watchers.get(root)?.close()
    const watcher = await watchManifests(root.path, {
      onHint: (file) => {
        this.#store.hint(root.nameOf(file))
      },
      onTrouble: (message) => {
        log.warn(message)
      },
    })
    this.#watchers.set(root, watcher)
  }

  async #openDoors(): Promise<string> {
    const { config, paths, log, version, dashboardDir } = this.#options
    const token = readOrCreateToken(paths.token)
    const memory = sessionMemory(this.#state)
    this.#credentials = new Credentials({ adminToken: token, clock: systemClock, memory })
    const server = createApiServer({
      cache: this.#cache,
      hub: this.#cache.hub,
      writers: createWriters({
        store: this.#store,
        cache: this.#cache,
        secrets: this.#secrets,
        namespaces: this.#namespaces,
        podDeletions: this.#podDeletions,
        onPodDeletion: (key) => void this.#wake(key),
        clock: systemClock,
        log,
      }),
      podLogs: new LocalPodLogs((replica) => this.#runtime.loggedRuns(replica)),
      samples: this.#sampler,
      revisions: new RememberedRevisions(this.#revisions),
      history: this.#memory.history,
      credentials: this.#credentials,
      mutations: this.#memory.history,
      info: () =>
        controllerInfo(config, this.#state.data.holds, {
          ...{ version, startedAt: this.#startedAt, server: this.#server },
          capacity: capacityOf(this.#admission.shares()),
        }),
      clock: systemClock,
      log,
      ...(dashboardDir === undefined ? {} : { dashboardDir }),
    })
    const { url } = await server.listen(config.host, config.port).catch((error: unknown) => {
      throw listenProblem(error, config)
    })
    this.#closers.push(() => server.close())
    writeKubeconfig(paths.kubeconfig, url, token)
    return url
  }

  #hint(key: Key): void {
    this.#queue.add(key)
  }

  #onChange(key: Key, change: WatchEvent): void {
    const { hinted, woken } = concerned(key, change, { cache: this.#cache, dependencies: this.#dependencies })
    for (const service of hinted) this.#hint(service)
    for (const service of woken) this.#wake(service)
  }

  /** Tries again at once what it waits for. */
  #wake(service: Key): void {
    this.#reconciler.forgetStartFailures(service)
    this.#hint(service)
  }

  #serviceKeys(): Set<Key> {
    const declared = this.#cache
      .list<KubeObject>('AgentService')
      .map(({ metadata }) => keyOf('AgentService', metadata.namespace ?? 'default', metadata.name))
    const running = this.#runtime.services().map(({ namespace, name }) => keyOf('AgentService', namespace, name))
    return new Set([...declared, ...running])
  }
}
