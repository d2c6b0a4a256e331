/** Runs as processes of this host that outlive the controller. Promises what runtime.ts promises, whatever is killed. */
import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, renameSync, rmSync, watch, writeFileSync, type FSWatcher } from 'node:fs'
import path from 'node:path'
import type { Clock } from '../../clock.ts'
import type { Log } from '../../log.ts'
import {
  runVariables,
  type ObservedSlot,
  type RunOrder,
  type RunRef,
  type Runtime,
  type ServiceRef,
  type SlotRef,
  type StartResult,
  type StopRecord,
} from '../runtime.ts'
import { lookUpCommand } from './command.ts'
import { isAlive, readBootId, readPidNamespace } from './identity.ts'
import type { LoggedRun } from './pod-logs.ts'
import { PortAllocator, type PortRange } from './ports.ts'
import { listDirectory, type ExitFile } from './run-directory.ts'
import type { Place, Run } from './run.ts'
import { orderText } from './shim.ts'
import { Slot } from './slot.ts'
import { Spawner } from './spawner.ts'
import { Sweeper } from './sweeper.ts'
import { signalTree } from './tree.ts'

export interface LocalRuntimeOptions {
  readonly stateDir: string
  readonly portRange: PortRange
  readonly clock: Clock
  readonly log: Log
}

/** inotify may drop a hint; this finds it. */
const RESCAN_MS = 2000
/** An order that nobody claimed for so long is called off: the spawner died, or the host could not fork. */
const UNCLAIMED_MS = 2000
const ENDING_TOLD_MS = 250

export class LocalRuntime implements Runtime {
  readonly #options: LocalRuntimeOptions
  readonly #here: Place = { bootId: readBootId(), pidNamespace: readPidNamespace() }
  readonly #slots = new Map<string, Slot>()
  readonly #byService = new Map<string, Set<Slot>>()
  readonly #spawner = new Spawner()
  readonly #sweeper: Sweeper
  readonly #ports: PortAllocator
  readonly #runsDir: string
  readonly #exitsDir: string
  readonly #cancelledFile: string
  #watcher: FSWatcher | undefined
  #cancelTimer: (() => void) | undefined
  #listener: (service: ServiceRef) => void = () => undefined
  #closed = false

  constructor(options: LocalRuntimeOptions) {
    this.#options = options
    this.#sweeper = new Sweeper(options.clock)
    this.#ports = new PortAllocator(options.portRange)
    this.#runsDir = path.join(options.stateDir, 'runs')
    this.#exitsDir = path.join(options.stateDir, 'exits')
    this.#cancelledFile = path.join(options.stateDir, 'cancelled')
  }

  adopt(): Promise<readonly ServiceRef[]> {
    for (const directory of [this.#runsDir, this.#exitsDir]) mkdirSync(directory, { recursive: true, mode: 0o700 })
    if (!existsSync(this.#cancelledFile)) {
      writeFileSync(`${this.#cancelledFile}.tmp`, 'cancelled\n', { mode: 0o600 })
      renameSync(`${this.#cancelledFile}.tmp`, this.#cancelledFile)
    }
    this.#watch()
    for (const ref of slotsOnDisk(this.#runsDir)) {
      if (this.#slots.has(new Slot(this.#runsDir, ref).key)) continue
      const slot = this.#slotOf(ref)
      slot.load()
      this.#advance(slot)
    }
    this.#scheduleRescan()
    return Promise.resolve(this.services())
  }

  observe(service: ServiceRef): readonly ObservedSlot[] {
    const slots = [...(this.#byService.get(serviceKey(service)) ?? [])]
    return slots.map((slot) => ({ ref: slot.ref, runs: slot.runs.map((run) => run.observed()) }))
  }

  async start(order: RunOrder): Promise<StartResult> {
    const slot = this.#slotOf(order.slot)
    if (slot.open.length > 0) throw new Error(`${slot.key} still has a run that has not ended`)
    const nul = Object.entries(order.env).find(([, value]) => value.includes('\0'))
    if (nul !== undefined)
      return {
        ok: false,
        reason: 'StartFailed',
        message: `The value of ${nul[0]} holds a NUL character, which no environment can carry.`,
      }
    const command = lookUpCommand(order.command, order.workingDir, order.env['PATH'])
    if (!command.ok) return { ok: false, reason: 'StartFailed', message: command.message }
    const allocation = await this.#ports.allocate({
      slot: order.slot,
      wanted: order.ports,
      previous: slot.lastPorts,
      taken: this.#portsOfOthers(slot),
    })
    if (!allocation.ok) return { ok: false, reason: 'PortConflict', message: allocation.message }
    const { env, ...recorded } = { ...order, ports: allocation.ports }
    const runId = randomUUID()
    const { clock } = this.#options
    const startedAt = new Date(clock.wallMs()).toISOString()
    const run = slot.add({ ...recorded, runId, startedAt, orderedAtMs: clock.nowMs(), ...this.#here })
    this.#spawner.send(
      orderText({
        replicaDir: slot.directory,
        seq: run.ref.seq,
        exitKey: slot.key,
        exitsDir: this.#exitsDir,
        workingDir: order.workingDir,
        env: { ...env, ...runVariables(runId, allocation.ports) },
        argv: command.argv,
      }),
    )
    this.#options.clock.setTimer(UNCLAIMED_MS, () => {
      this.#advance(slot)
    })
    return { ok: true, ref: run.ref }
  }

  stop(ref: RunRef, request: Pick<StopRecord, 'reason' | 'signal' | 'graceMs'>): void {
    const found = this.#find(ref)
    if (found === undefined || found.run.phase === 'Ended') return
    const { run, slot } = found
    if (run.stop === undefined) {
      const { reason, signal, graceMs } = request
      run.stop = { reason, signal, graceMs, requestedAtMs: this.#options.clock.nowMs() }
      run.directory.writeStop(run.stop)
    }
    if (run.directory.readClaim() === 'None' && run.directory.cancel(this.#cancelledFile)) {
      this.#advance(slot)
      return
    }
    run.pid ??= run.directory.readPid()
    if (run.pid === undefined) return
    signalTree(run.pid.main, request.signal)
    // A stopped process hears the signal only when it goes on.
    if (request.signal !== 'SIGKILL') signalTree(run.pid.main, 'SIGCONT')
  }

  kill(ref: RunRef): void {
    const run = this.#find(ref)?.run
    if (run?.stop === undefined || run.phase === 'Ended') return
    run.stop = { ...run.stop, killedAtMs: this.#options.clock.nowMs() }
    run.directory.writeStop(run.stop)
    run.pid ??= run.directory.readPid()
    if (run.pid !== undefined) signalTree(run.pid.main, 'SIGKILL')
  }

  forget(ref: SlotRef): void {
    const slot = this.#slots.get(new Slot(this.#runsDir, ref).key)
    if (slot === undefined || slot.open.length > 0) return
    slot.remove()
    this.#slots.delete(slot.key)
    const siblings = this.#byService.get(serviceKey(ref))
    siblings?.delete(slot)
    if (siblings?.size === 0) this.#byService.delete(serviceKey(ref))
  }

  /** Every service that has runs. */
  services(): readonly ServiceRef[] {
    return [...this.#byService.values()].flatMap((slots) => [...slots].slice(0, 1).map(serviceOf))
  }

  /** Where the runs of a replica write; oldest first. */
  loggedRuns({ namespace, service, ordinal }: { namespace: string; service: string; ordinal: number }): LoggedRun[] {
    const slots = [...(this.#byService.get(serviceKey({ namespace, name: service })) ?? [])]
    return slots
      .filter(({ ref }) => ref.ordinal === ordinal)
      .flatMap(({ runs }) => runs)
      .map((run) => ({ seq: run.ref.seq, logPath: run.directory.logPath, ended: run.phase === 'Ended' }))
  }

  onHint(listener: (service: ServiceRef) => void): void {
    this.#listener = listener
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#cancelTimer?.()
    this.#watcher?.close()
    this.#spawner.close()
    await this.#sweeper.close()
  }

  #watch(): void {
    try {
      this.#watcher ??= watch(this.#exitsDir, (_event, name) => {
        this.#onExitFile(name)
      })
      this.#watcher.on('error', () => undefined)
    } catch (error) {
      this.#options.log.warn(
        `no inotify watch on ${this.#exitsDir} (${String(error)}); exits are found every ${String(RESCAN_MS / 1000)} s`,
      )
    }
  }

  #onExitFile(key: string | null): void {
    const slot = key === null ? undefined : this.#slots.get(key)
    if (slot === undefined) return
    // Removed before the look, so that a file written after the look is a new hint.
    rmSync(path.join(this.#exitsDir, slot.key), { force: true })
    this.#advance(slot)
  }

  #scheduleRescan(): void {
    this.#cancelTimer?.()
    this.#cancelTimer = this.#options.clock.setTimer(RESCAN_MS, () => {
      if (this.#closed) return
      for (const key of listDirectory(this.#exitsDir)) this.#onExitFile(key)
      for (const slot of this.#slots.values()) if (slot.open.some(mayHaveEnded)) this.#advance(slot)
      this.#scheduleRescan()
    })
  }

  /** Brings the runs of a slot up to what the world says, oldest first, and tells if anything changed. */
  #advance(slot: Slot): void {
    if (this.#closed) return
    let changed = false
    for (const run of slot.open) {
      const before = run.phase
      this.#advanceRun(slot, run)
      changed ||= run.phase !== before && run.phase !== 'Ending'
      if (before !== 'Ending' && run.phase === 'Ending') this.#tellIfItLasts(slot, run)
    }
    if (changed) this.#listener(serviceOf(slot))
  }

  /** As a rule the sweep ends a run within milliseconds; a pass of its own is worth it only when it does not. */
  #tellIfItLasts(slot: Slot, run: Run): void {
    this.#options.clock.setTimer(ENDING_TOLD_MS, () => {
      if (run.phase === 'Ending') this.#listener(serviceOf(slot))
    })
  }

  #advanceRun(slot: Slot, run: Run): void {
    const finding = run.look(this.#here)
    if (finding.type === 'Exited') {
      if (!finding.samePlace) this.#finish(slot, run, finding.exit)
      else
        this.#sweeper.add(treeOf(run), () => {
          this.#finish(slot, run, finding.exit)
        })
    } else if (finding.type === 'Cancelled') {
      this.#call(slot, run)
    } else if (finding.type === 'Unclaimed') {
      const fresh = this.#options.clock.nowMs() - run.record.orderedAtMs < UNCLAIMED_MS
      const samePlace = run.record.bootId === this.#here.bootId
      if (!(fresh && samePlace) && run.directory.cancel(this.#cancelledFile)) this.#call(slot, run)
    }
  }

  #finish(slot: Slot, run: Run, exit: ExitFile | undefined): void {
    const { clock } = this.#options
    this.#end(slot, run, run.endOf(exit, { nowMs: clock.nowMs(), wallMs: clock.wallMs(), here: this.#here }))
  }

  #call(slot: Slot, run: Run): void {
    const { clock } = this.#options
    const end = run.endOf(undefined, { nowMs: clock.nowMs(), wallMs: clock.wallMs(), here: this.#here })
    this.#end(slot, run, { ...end, reason: 'Cancelled' })
  }

  #end(slot: Slot, run: Run, end: NonNullable<Run['end']>): void {
    run.directory.writeEnd(end)
    run.end = end
    run.phase = 'Ended'
    slot.prune().catch((error: unknown) => {
      this.#options.log.error(`cannot remove old runs of ${slot.key}`, error)
    })
    this.#listener(serviceOf(slot))
  }

  #slotOf(ref: SlotRef): Slot {
    const fresh = new Slot(this.#runsDir, ref)
    const known = this.#slots.get(fresh.key)
    if (known !== undefined) return known
    this.#slots.set(fresh.key, fresh)
    const siblings = this.#byService.get(serviceKey(ref)) ?? new Set()
    this.#byService.set(serviceKey(ref), siblings.add(fresh))
    return fresh
  }

  #find(ref: RunRef): { slot: Slot; run: Run } | undefined {
    const slot = this.#slots.get(new Slot(this.#runsDir, ref).key)
    const run = slot?.runs.find((candidate) => candidate.ref.seq === ref.seq)
    return slot === undefined || run === undefined ? undefined : { slot, run }
  }

  #portsOfOthers(slot: Slot): Set<number> {
    const others = [...this.#slots.values()].filter((other) => other !== slot)
    return new Set(others.flatMap((other) => other.lastPorts.map(({ port }) => port)))
  }
}

/** The exit file tells of ends as a rule; this finds a run whose shim was killed with it. */
function mayHaveEnded(run: Run): boolean {
  if (run.phase !== 'Running' || run.pid === undefined) return true
  return !isAlive(run.pid.main)
}

function treeOf(run: Run): { runId: string; main?: { pid: number; startTicks: number } } {
  return { runId: run.record.runId, ...(run.pid === undefined ? {} : { main: run.pid.main }) }
}

function serviceKey({ namespace, name }: ServiceRef): string {
  return `${namespace}/${name}`
}

function serviceOf({ ref }: Slot): ServiceRef {
  return { namespace: ref.namespace, name: ref.name }
}

function slotsOnDisk(runsDir: string): SlotRef[] {
  const below = (...parts: string[]): string[] => listDirectory(path.join(runsDir, ...parts))
  const services = below().flatMap((namespace) => below(namespace).map((name) => ({ namespace, name })))
  return services.flatMap(({ namespace, name }) =>
    below(namespace, name).flatMap((entry) => {
      const [, ordinal, uid] = /^(\d+)-([0-9a-f]{8})$/.exec(entry) ?? []
      return ordinal === undefined || uid === undefined ? [] : [{ namespace, name, ordinal: Number(ordinal), uid }]
    }),
  )
}
