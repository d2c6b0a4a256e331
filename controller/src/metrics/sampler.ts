/** Measures what the whole tree of each live replica uses: CPU in cores, resident memory in bytes, processes. */
import pidusage from 'pidusage'
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import type { Sample, Samples } from '../ports/samples.ts'
import { LimitWatch, type LimitBreach, type WatchedLimits } from './limit-watch.ts'

export interface SampleTarget {
  readonly pod: string
  readonly pid: number
  readonly runId: string
  readonly limits: WatchedLimits
}

export interface Owner {
  readonly namespace: string
  readonly service: string
}

export interface SamplerOptions {
  readonly clock: Clock
  readonly log: Log
  /** The pids of each live run, by run id. */
  readonly processes: () => Promise<ReadonlyMap<string, readonly number[]>>
  /** What is shown of an owner, or a breach of its limits, is not what it was. */
  readonly onChange: (owner: Owner) => void
}

type Usage = Readonly<Record<string, pidusage.Status | null | undefined>>
type Target = SampleTarget & { readonly owner: Owner }

const PERIOD_MS = 10_000
/** For runs that are near a limit. */
const NEAR_PERIOD_MS = 2000
/** A new process is measured soon, so that a screen does not stay empty. */
const FIRST_MS = 1000

export class Sampler implements Samples {
  readonly #options: SamplerOptions
  readonly #targets = new Map<string, readonly Target[]>()
  readonly #samples = new Map<string, Sample>()
  /** The pids of the latest sample. */
  readonly #pids = new Map<string, readonly number[]>()
  readonly #shown = new Map<string, Sample>()
  readonly #limits = new LimitWatch()
  #cancel: (() => void) | undefined
  #timerAtMs = Infinity
  #allAtMs = Infinity
  #measuring = false
  #closed = false
  #isBlind = false

  constructor(options: SamplerOptions) {
    this.#options = options
  }

  /** The live replicas of an owner; samples of others of its replicas are dropped. */
  sync(owner: Owner, targets: readonly SampleTarget[]): void {
    const key = `${owner.namespace}/${owner.service}`
    const known = new Set(this.#targets.get(key)?.map(({ runId }) => runId))
    for (const runId of known) if (!targets.some((target) => target.runId === runId)) this.#forget(runId)
    for (const { runId, limits } of targets) this.#limits.watch(runId, limits)
    if (targets.length === 0) this.#targets.delete(key)
    else
      this.#targets.set(
        key,
        targets.map((target) => ({ ...target, owner })),
      )
    if (targets.every(({ runId }) => known.has(runId))) return
    this.#allAtMs = Math.min(this.#allAtMs, this.#options.clock.nowMs() + FIRST_MS)
    this.#schedule(this.#allAtMs)
  }

  latest(namespace?: string): readonly Sample[] {
    return [...this.#samples.values()].filter((sample) => namespace === undefined || sample.namespace === namespace)
  }

  /** A sample of the run that stays the same while it uses about the same. */
  shown(runId: string): Sample | undefined {
    return this.#shown.get(runId)
  }

  /** What the run has exceeded, by samples; counting begins when it is first seen. */
  breach(runId: string): LimitBreach | undefined {
    return this.#limits.breach(runId)
  }

  close(): void {
    this.#closed = true
    this.#cancel?.()
  }

  #forget(runId: string): void {
    for (const memory of [this.#samples, this.#pids, this.#shown]) memory.delete(runId)
    this.#limits.forget(runId)
  }

  #schedule(atMs: number): void {
    if (this.#closed || this.#measuring || atMs >= this.#timerAtMs) return
    const { clock } = this.#options
    this.#cancel?.()
    this.#timerAtMs = atMs
    this.#cancel = clock.setTimer(Math.max(0, atMs - clock.nowMs()), () => {
      this.#timerAtMs = Infinity
      this.#measuring = true
      void this.#measure().finally(() => {
        this.#measuring = false
        this.#scheduleNext()
      })
    })
  }

  #scheduleNext(): void {
    const targets = [...this.#targets.values()].flat()
    if (targets.length === 0) return
    const nearAtMs = this.#options.clock.nowMs() + NEAR_PERIOD_MS
    this.#schedule(
      targets.some(({ runId }) => this.#limits.isNear(runId)) ? Math.min(nearAtMs, this.#allAtMs) : this.#allAtMs,
    )
  }

  async #measure(): Promise<void> {
    const { clock, processes, onChange } = this.#options
    const nowMs = clock.nowMs()
    const isForAll = nowMs >= this.#allAtMs
    if (isForAll) this.#allAtMs = nowMs + PERIOD_MS
    const targets = [...this.#targets.values()].flat().filter(({ runId }) => isForAll || this.#limits.isNear(runId))
    if (targets.length === 0) return
    const trees = await processes().catch((error: unknown) => this.#loseSight(error))
    if (trees === undefined) return
    this.#isBlind = false
    const pidsOf = ({ runId, pid }: Target): readonly number[] => [...new Set([pid, ...(trees.get(runId) ?? [])])]
    // One call for all: a call each costs seven times as much at 1,000 processes.
    const usage: Usage = await pidusage(targets.flatMap(pidsOf)).catch(() => ({}))
    const changed = new Set(
      targets.filter((target) => this.#take(target, pidsOf(target), usage)).map(({ owner }) => owner),
    )
    for (const owner of changed) onChange(owner)
  }

  /** The samples stay: those of the main processes alone, or of pids that may be others' by now, would be wrong. Said once. */
  #loseSight(error: unknown): undefined {
    if (!this.#isBlind) this.#options.log.error('cannot see which processes belong to which service', error)
    this.#isBlind = true
  }

  /** True when it is worth telling. */
  #take({ owner, pod, pid, runId }: Target, pids: readonly number[], usage: Usage): boolean {
    const main = usage[pid]
    // Ended, or no longer a target, while we looked.
    const isTarget = this.#targets.get(`${owner.namespace}/${owner.service}`)?.some((target) => target.runId === runId)
    if (main === null || main === undefined || isTarget !== true) return false
    const wallMs = this.#options.clock.wallMs()
    const before = this.#samples.get(runId)
    const windowMs = before === undefined ? main.elapsed : Math.min(main.elapsed, wallMs - before.sampledAtMs)
    const known = new Set(this.#pids.get(runId))
    const alive = pids.flatMap((one) => usage[one] ?? [])
    const sample: Sample = {
      ...owner,
      pod,
      cpu: alive.reduce((sum, status) => sum + coresOf(status, known, windowMs), 0),
      memory: alive.reduce((sum, { memory }) => sum + memory, 0),
      processes: alive.length,
      sampledAtMs: wallMs,
      windowMs,
    }
    this.#samples.set(runId, sample)
    this.#pids.set(
      runId,
      alive.map((status) => status.pid),
    )
    const isNews = this.#limits.note(runId, sample)
    const shown = this.#shown.get(runId)
    if (shown !== undefined && !differs(shown, sample)) return isNews
    this.#shown.set(runId, sample)
    return true
  }
}

/** pidusage measures from one call to the next, and says 0 of a process that it sees for the first time. */
function coresOf({ pid, cpu, ctime, elapsed }: pidusage.Status, known: ReadonlySet<number>, windowMs: number): number {
  return known.has(pid) ? cpu / 100 : ctime / Math.max(elapsed, windowMs, 1)
}

/** Enough to be seen by a person; what trembles by less is not written again and again. */
function differs(a: Sample, b: Sample): boolean {
  return (
    a.processes !== b.processes ||
    isFar(a.memory, b.memory, { share: 0.1, least: 2 ** 20 }) ||
    isFar(a.cpu, b.cpu, { share: 0.2, least: 0.05 })
  )
}

function isFar(a: number, b: number, { share, least }: { share: number; least: number }): boolean {
  return Math.abs(a - b) > Math.max(share * Math.max(a, b), least)
}
