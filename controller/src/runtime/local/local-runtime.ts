/** Runs as processes of this host that outlive the controller. Promises what runtime.ts promises, whatever is killed. */
import { randomUUID } from 'node:crypto'
import { mkdirSync, realpathSync } from 'node:fs'
import path from 'node:path'
import type { Clock } from '../../clock.ts'
import type { Log } from '../../log.ts'
import {
  runVariables,
  type LogPolicy,
  type ObservedRun,
  type LimitedResource,
  type ObservedSlot,
  type ProjectedContent,
  type RunLimits,
  type RunOrder,
  type RunRef,
  type Runtime,
  type ServiceRef,
  type SlotRef,
  type StartResult,
  type StopRequest,
} from '../runtime.ts'
import { Census } from './census.ts'
import { lookUpCommand, problemOfEnvironment } from './command.ts'
import { ExitWatch } from './exit-watch.ts'
import { readBootId, readPidNamespace } from './identity.ts'
import { procsFile } from './limits/cgroup.ts'
import { KernelLimits } from './limits/kernel-limits.ts'
import { LogKeeper } from './logs/log-keeper.ts'
import type { LoggedRun } from './logs/pod-logs.ts'
import { ProjectedFiles } from './projected-files.ts'
import { PortAllocator, type PortRange } from './ports.ts'
import { writeCancelledFile, type ExitFile } from './run-directory.ts'
import { mayHaveEnded, treeOf } from './run-tree.ts'
import type { Place, Run } from './run.ts'
import { orderText } from './shim.ts'
import { SlotTable, serviceKey, serviceOf } from './slot-table.ts'
import type { Slot } from './slot.ts'
import { Spawner } from './spawner.ts'
import { Sweeper } from './sweeper.ts'
import { askToEnd, killTree, tellOfContent } from './signals.ts'
import { readMarker, signalProcess } from './tree.ts'

export interface LocalRuntimeOptions {
  readonly stateDir: string
  readonly portRange: PortRange
  readonly clock: Clock
  readonly log: Log
  /** Absent: as the schema has it. */
  readonly logPolicy?: LogPolicy
  /** A run writes faster than its log can be kept. */
  onLogBytesDropped?(run: ObservedRun): void
  /** Of the cgroups below which runs get theirs; absent = the kernel is not asked to hold anything. */
  readonly cgroupName?: string
}

/** An order that nobody claimed for so long is called off: the spawner died, or the host could not fork. */
const UNCLAIMED_MS = 2000
const ENDING_TOLD_MS = 250
/** Every so many looks, the identity of a live process is checked: each within 30 s. */
const CLOSE_LOOK_EVERY = 15

export class LocalRuntime implements Runtime {
  readonly #options: LocalRuntimeOptions
  readonly #here: Place = { bootId: readBootId(), pidNamespace: readPidNamespace() }
  readonly #slots: SlotTable
  readonly #spawner = new Spawner()
  readonly #sweeper: Sweeper
  readonly #ports: PortAllocator
  readonly #exits: ExitWatch
  readonly #logs: LogKeeper
  readonly #census = new Census()
  readonly #kernel: KernelLimits
  readonly #files: ProjectedFiles
  readonly #runsDir: string
  readonly #cancelledFile: string
  #listener: (service: ServiceRef) => void = () => undefined
  #rescans = 0
  #closed = false

  constructor(options: LocalRuntimeOptions) {
    const { clock, log, stateDir, portRange } = options
    this.#options = options
    this.#kernel = new KernelLimits(options.cgroupName, log)
    // As the kernel says it: links to a log are compared with it.
    this.#runsDir = path.join(realpathSync(stateDir), 'runs')
    this.#cancelledFile = path.join(stateDir, 'cancelled')
    this.#files = new ProjectedFiles(path.join(realpathSync(stateDir), 'secrets', '.projected'), log)
    this.#slots = new SlotTable(this.#runsDir)
    this.#sweeper = new Sweeper(clock)
    this.#ports = new PortAllocator(portRange, (pid) => this.#slots.serviceOfRun(readMarker(pid)))
    this.#exits = new ExitWatch(path.join(stateDir, 'exits'), { clock, log }, this.#exitListener())
    this.#logs = new LogKeeper({
      clock,
      log,
      directory: stateDir,
      logs: this.#slots,
      policy: options.logPolicy,
      onDrop: (ref, total) => {
        this.#noteDrop(ref, total)
      },
    })
  }

  adopt(): Promise<readonly ServiceRef[]> {
    for (const directory of [this.#runsDir, this.#exits.directory])
      mkdirSync(directory, { recursive: true, mode: 0o700 })
    writeCancelledFile(this.#cancelledFile)
    this.#exits.start()
    const found = this.#slots.load()
    for (const slot of found) this.#advance(slot)
    this.#sweepOrphans(found)
    const open = new Set(this.#slots.open.map(({ record }) => record.runId))
    this.#kernel.adopt(open)
    void this.#files.sweep(open)
    this.#logs.start()
    return Promise.resolve(this.services())
  }

  observe(service: ServiceRef): readonly ObservedSlot[] {
    return this.#slots.ofReplicas(service).map((slot) => slot.observed())
  }

  observeTasks(service: ServiceRef): readonly ObservedSlot[] {
    return this.#slots.ofTasks(service).map((slot) => slot.observed())
  }

  async start(order: RunOrder): Promise<StartResult> {
    const slot = this.#slots.findOrAdd(order.slot)
    if (slot.open.length > 0) throw new Error(`${slot.key} still has a run that has not ended`)
    const problem = problemOfEnvironment(order.env)
    if (problem !== undefined) return { ok: false, reason: 'StartFailed', message: problem }
    const command = lookUpCommand(order.command, order.workingDir, order.env['PATH'])
    if (!command.ok) return { ok: false, reason: 'StartFailed', message: command.message }
    const allocation = await this.#ports.allocate({
      slot: order.slot,
      wanted: order.ports,
      previous: slot.lastPorts,
      taken: this.#slots.portsOfOthers(slot),
    })
    if (!allocation.ok) return { ok: false, reason: 'PortConflict', message: allocation.message }
    const { env, limits, files, ...recorded } = { ...order, ports: allocation.ports }
    const runId = randomUUID()
    const handed = await this.#files.handOver(runId, order)
    if (!handed.ok) return handed
    const cgroups = this.#kernel.prepare(runId, limits ?? {})
    const { clock } = this.#options
    const at = { startedAt: new Date(clock.wallMs()).toISOString(), orderedAtMs: clock.nowMs() }
    const run = slot.add({ ...recorded, runId, ...at, cgroups, ...handed.where, ...this.#here })
    this.#spawner.send(
      orderText({
        replicaDir: slot.directory,
        seq: run.ref.seq,
        exitKey: slot.key,
        exitsDir: this.#exits.directory,
        workingDir: order.workingDir,
        procsFiles: cgroups.map(procsFile),
        env: { ...env, ...runVariables(run.record) },
        argv: command.argv,
      }),
    )
    clock.setTimer(UNCLAIMED_MS, () => {
      this.#advance(slot)
    })
    return { ok: true, ref: run.ref }
  }

  stop(ref: RunRef, request: StopRequest): void {
    const found = this.#slots.findRun(ref)
    if (found === undefined || found.run.phase === 'Ended') return
    const { run, slot } = found
    if (askToEnd(run, request, this.#options.clock.nowMs(), this.#cancelledFile)) this.#advance(slot)
  }

  kill(ref: RunRef): void {
    const run = this.#slots.findRun(ref)?.run
    if (run !== undefined) killTree(run, this.#options.clock.nowMs())
  }

  async project(ref: RunRef, content: ProjectedContent): Promise<void> {
    const run = this.#slots.findRun(ref)?.run
    if (run !== undefined) await this.#files.follow(run, content)
  }

  signal(ref: RunRef, signal: NodeJS.Signals, configRevision: string): boolean {
    const run = this.#slots.findRun(ref)?.run
    return run !== undefined && tellOfContent(run, signal, configRevision)
  }

  noteReadiness(ref: RunRef, readySinceMs: number | undefined): void {
    this.#slots.findRun(ref)?.run.noteReadiness(readySinceMs)
  }

  limit(ref: RunRef, limits: RunLimits): readonly LimitedResource[] {
    const run = this.#slots.findRun(ref)?.run
    return run?.phase === 'Running' ? this.#kernel.apply(run, limits) : []
  }

  forget(ref: SlotRef): void {
    const slot = this.#slots.find(ref)
    if (slot === undefined || slot.open.length > 0) return
    slot.remove()
    this.#slots.remove(slot)
  }

  /** Every service that has runs. */
  services(): readonly ServiceRef[] {
    return this.#slots.services
  }

  /** How many services have processes, or runs that may come to have one; tasks count. */
  liveServices(): number {
    return new Set(this.#slots.open.map(({ ref }) => serviceKey(ref))).size
  }

  /** Where the runs of a replica write; oldest first. */
  loggedRuns({ namespace, service, ordinal }: { namespace: string; service: string; ordinal: number }): LoggedRun[] {
    return this.#slots.logsOfReplica({ namespace, name: service }, ordinal)
  }

  /** The pids of the whole tree of each run that runs, by run id; the main process is among them while it lives. */
  processes(): Promise<ReadonlyMap<string, readonly number[]>> {
    return this.#census.take(
      this.#slots.running.map((run) => ({ ...treeOf(run), cgroups: this.#kernel.cgroupsOf(run) })),
    )
  }

  onHint(listener: (service: ServiceRef) => void): void {
    this.#listener = listener
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#exits.close()
    await this.#logs.close()
    this.#spawner.close()
    await this.#sweeper.close()
    await this.#kernel.close()
  }

  #exitListener(): ConstructorParameters<typeof ExitWatch>[2] {
    return {
      onKey: (key) => {
        const slot = this.#slots.byKey(key)
        if (slot !== undefined) this.#advance(slot)
      },
      onRescan: () => {
        this.#rescans += 1
        this.#kernel.tidy()
        for (const [index, slot] of this.#slots.all.entries()) {
          const isTurn = index % CLOSE_LOOK_EVERY === this.#rescans % CLOSE_LOOK_EVERY
          if (slot.open.some((run) => mayHaveEnded(run, isTurn))) this.#advance(slot)
        }
      },
    }
  }

  /** Brings the runs of a slot up to what the world says, oldest first, and tells if anything changed. */
  #advance(slot: Slot): void {
    if (this.#closed) return
    let changed = false
    for (const run of slot.open) {
      const before = run.phase
      this.#advanceRun(slot, run)
      changed ||= run.phase !== before && run.phase !== 'Ending'
      if (before !== 'Ending' && run.phase === 'Ending') this.#noteEnding(slot, run)
    }
    if (changed) this.#listener(serviceOf(slot))
  }

  /** As a rule the sweep ends a run within milliseconds; a pass of its own is worth it only when it does not. */
  #noteEnding(slot: Slot, run: Run): void {
    const { clock } = this.#options
    run.endingSinceMs = clock.nowMs()
    clock.setTimer(ENDING_TOLD_MS, () => {
      if (run.phase === 'Ending') this.#listener(serviceOf(slot))
    })
  }

  #advanceRun(slot: Slot, run: Run): void {
    const finding = run.look(this.#here)
    switch (finding.type) {
      case 'Exited':
        if (!finding.samePlace) this.#finish(slot, run, finding.exit)
        else
          this.#sweeper.add(treeOf(run), () => {
            this.#finish(slot, run, finding.exit)
          })
        return
      case 'ShimToWrite':
        // One that was stopped writes when it goes on; the others do not care.
        signalProcess(finding.shim, 'SIGCONT')
        return
      case 'Cancelled':
        this.#finish(slot, run, undefined, 'Cancelled')
        return
      case 'Unclaimed': {
        const fresh = this.#options.clock.nowMs() - run.record.orderedAtMs < UNCLAIMED_MS
        const samePlace = run.record.bootId === this.#here.bootId
        if (!(fresh && samePlace) && run.directory.cancel(this.#cancelledFile))
          this.#finish(slot, run, undefined, 'Cancelled')
        return
      }
      case 'Running':
        return
    }
  }

  #finish(slot: Slot, run: Run, exit: ExitFile | undefined, reason?: 'Cancelled'): void {
    const { clock } = this.#options
    const at = { nowMs: clock.nowMs(), wallMs: clock.wallMs(), here: this.#here }
    const seen = run.endOf(exit, { ...at, oomKills: this.#kernel.oomKillsOf(run) })
    const end = reason === undefined ? seen : { ...seen, reason }
    this.#logs.finish(run.ref, run.directory.logPath)
    run.directory.writeEnd(end)
    run.end = end
    run.phase = 'Ended'
    this.#kernel.release(run)
    this.#files.takeBack(run.record)
    slot.prune().catch((error: unknown) => {
      this.#options.log.error(`cannot remove old runs of ${slot.key}`, error)
    })
    this.#listener(serviceOf(slot))
  }

  /** What outlived its run though it was swept: a process that hid until then, and shows its marker now. */
  #sweepOrphans(slots: readonly Slot[]): void {
    for (const run of slots.flatMap(({ runs }) => runs))
      if (run.phase === 'Ended' && run.record.bootId === this.#here.bootId)
        this.#sweeper.add({ ...treeOf(run), main: undefined }, () => undefined)
  }

  #noteDrop(ref: RunRef, total: number): void {
    const found = this.#slots.findRun(ref)
    if (found === undefined) return
    found.run.logBytesDropped = total
    this.#options.onLogBytesDropped?.(found.run.observed())
    this.#listener(serviceOf(found.slot))
  }
}
