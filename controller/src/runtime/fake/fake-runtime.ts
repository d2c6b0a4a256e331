/**
 * Runs without processes, under the same contract: what happens to them is decided by whoever tests. A run that is
 * started waits for `claim`, then lives until `exit`; a stop is heard only by processes that are not stubborn.
 */
import type { Clock } from '../../clock.ts'
import type {
  LimitedResource,
  ProjectedContent,
  ObservedRun,
  ObservedSlot,
  RunEnd,
  RunOrder,
  RunRef,
  Runtime,
  ServiceRef,
  SlotRef,
  StartResult,
  StopRequest,
} from '../runtime.ts'
import { stopAfter } from '../stop-request.ts'

const KEPT_RUNS = 10

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

export class FakeRuntime implements Runtime {
  readonly #clock: Clock
  readonly #slots = new Map<string, { ref: SlotRef; runs: Mutable<ObservedRun>[] }>()
  #listener: (service: ServiceRef) => void = () => undefined
  #nextPid = 1000
  #nextRun = 1
  /** Processes that do not hear a stop signal; SIGKILL ends them. */
  stubborn = false
  /** Processes that do not handle the signal that tells of new content. */
  deaf = false
  /** Every signal that told a run of new content. */
  readonly signals: { readonly runId: string; readonly configRevision: string }[] = []
  /** Processes in state D: nothing ends them. */
  unkillable = false
  /** The answer to every start while it is set. */
  refusal: Extract<StartResult, { ok: false }> | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  adopt(): Promise<readonly ServiceRef[]> {
    return Promise.resolve([...this.#slots.values()].map(({ ref }) => ({ namespace: ref.namespace, name: ref.name })))
  }

  observe({ namespace, name }: ServiceRef): readonly ObservedSlot[] {
    return structuredClone(
      [...this.#slots.values()].filter(
        ({ ref }) => ref.namespace === namespace && ref.name === name && ref.task === undefined,
      ),
    )
  }

  observeTasks({ namespace, name }: ServiceRef): readonly ObservedSlot[] {
    return structuredClone(
      [...this.#slots.values()].filter(
        ({ ref }) => ref.namespace === namespace && ref.name === name && ref.task !== undefined,
      ),
    )
  }

  start(order: RunOrder): Promise<StartResult> {
    const slot = this.#slots.get(keyOf(order.slot)) ?? { ref: order.slot, runs: [] }
    if (slot.runs.some((run) => run.phase !== 'Ended')) return Promise.reject(new Error('an older run has not ended'))
    if (this.refusal !== undefined) return Promise.resolve(this.refusal)
    this.#slots.set(keyOf(order.slot), slot)
    const { env: _env, limits: _limits, files, ...record } = order
    const ref = { ...order.slot, seq: (slot.runs.at(-1)?.ref.seq ?? 0) + 1 }
    const runId = `run-${String(this.#nextRun++)}`
    const startedAt = new Date(this.#clock.wallMs()).toISOString()
    slot.runs.push({
      ref,
      record: { ...record, runId, startedAt, orderedAtMs: this.#clock.nowMs() },
      phase: 'Starting',
      ...(files === undefined ? {} : { projected: order.configRevision ?? '' }),
    })
    this.#hint(ref)
    return Promise.resolve({ ok: true, ref })
  }

  stop(ref: RunRef, request: StopRequest): void {
    const run = this.#find(ref)
    if (run === undefined || run.phase === 'Ended' || (run.stop !== undefined && run.stop.isHeld !== true)) return
    run.stop = stopAfter(run.stop, request, this.#clock.nowMs())
    if (run.stop.isHeld === true && run.phase !== 'Starting') return
    if (!this.stubborn && !this.unkillable) this.exit(ref, 143)
  }

  kill(ref: RunRef): void {
    const run = this.#find(ref)
    if (run?.stop === undefined || run.phase === 'Ended') return
    run.stop = { ...run.stop, killedAtMs: this.#clock.nowMs() }
    if (!this.unkillable) this.exit(ref, 137)
  }

  project(ref: RunRef, { configRevision }: ProjectedContent): Promise<void> {
    const run = this.#find(ref)
    if (run?.projected !== undefined && run.phase !== 'Ended') run.projected = configRevision
    return Promise.resolve()
  }

  signal(ref: RunRef, _signal: NodeJS.Signals, configRevision: string): boolean {
    const run = this.#find(ref)
    if (run?.phase !== 'Running' || run.stop !== undefined) return false
    if (run.told === configRevision) return true
    if (this.deaf) {
      run.isDeaf = true
      return false
    }
    delete run.isDeaf
    run.told = configRevision
    this.signals.push({ runId: run.record.runId, configRevision })
    return true
  }

  noteReadiness(ref: RunRef, readySinceMs: number | undefined): void {
    const run = this.#find(ref)
    if (run === undefined || run.phase === 'Ended') return
    if (readySinceMs === undefined) delete run.readySinceMs
    else run.readySinceMs = readySinceMs
  }

  limit(): readonly LimitedResource[] {
    return []
  }

  forget(ref: SlotRef): void {
    const slot = this.#slots.get(keyOf(ref))
    if (slot?.runs.every((run) => run.phase === 'Ended') === true) this.#slots.delete(keyOf(ref))
  }

  onHint(listener: (service: ServiceRef) => void): void {
    this.#listener = listener
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  /** The process of a run that is being started passes the gate. */
  claim(ref: RunRef): void {
    const run = this.#find(ref)
    if (run?.phase !== 'Starting') return
    run.phase = 'Running'
    run.pid = this.#nextPid++
    this.#hint(ref)
  }

  /** The process ends, or the run is called off before it had one. */
  exit(ref: RunRef, exitCode: number): void {
    const run = this.#find(ref)
    if (run === undefined || run.phase === 'Ended') return
    const nowMs = this.#clock.nowMs()
    const signal = exitCode > 128 ? exitCode - 128 : undefined
    const end: RunEnd = {
      exitCode,
      ...(signal === undefined ? {} : { signal }),
      reason: run.stop?.reason ?? (signal === undefined ? 'Exited' : 'Killed'),
      finishedAt: new Date(this.#clock.wallMs()).toISOString(),
      finishedAtMs: nowMs,
      lifetimeMs: nowMs - run.record.orderedAtMs,
    }
    run.phase = 'Ended'
    delete run.pid
    run.end = end
    const slot = this.#slots.get(keyOf(ref))
    if (slot !== undefined) slot.runs = slot.runs.slice(-KEPT_RUNS)
    this.#hint(ref)
  }

  #find(ref: RunRef): Mutable<ObservedRun> | undefined {
    return this.#slots.get(keyOf(ref))?.runs.find((run) => run.ref.seq === ref.seq)
  }

  #hint({ namespace, name }: ServiceRef): void {
    this.#listener({ namespace, name })
  }
}

function keyOf({ namespace, name, uid, ordinal, task = '' }: SlotRef): string {
  return `${namespace}/${name}/${uid}/${String(ordinal)}/${task}`
}
