/** Asks the probes of every live run, each on its own beat, and keeps what they say. Judges; never acts. */
import type { AcceptedProbe } from '@orc/schemas'
import type { Clock } from '../clock.ts'
import { checkHttp, checkTcp, type Answer } from './check.ts'

export interface ProbeTarget {
  readonly runId: string
  readonly ports: readonly { readonly name: string; readonly port: number }[]
  readonly startupProbe?: AcceptedProbe | undefined
  readonly readinessProbe?: AcceptedProbe | undefined
  readonly livenessProbe?: AcceptedProbe | undefined
}

export interface ProbeResult {
  /** The startup probe has passed, or there is none. */
  readonly started: boolean
  readonly ready: boolean
  readonly failed?: 'StartupProbeFailed' | 'LivenessProbeFailed'
  /** Why it is not ready, or what failed; '' before the first answer. */
  readonly message: string
}

type ProbeName = 'startup' | 'readiness' | 'liveness'

/**
 * While a process comes up, a probe that fails is asked again soon whatever its period, and its failures do not count:
 * a start is not slowed down by its probe, and nobody is blamed for it.
 */
const EAGER_MS = { between: 100, until: 2000 } as const

export class Prober {
  readonly #clock: Clock
  readonly #onFlip: (owner: string) => void
  readonly #runs = new Map<string, Map<string, RunProbes>>()

  /** `onFlip` hears of the owner whose results changed. */
  constructor(clock: Clock, onFlip: (owner: string) => void) {
    this.#clock = clock
    this.#onFlip = onFlip
  }

  /** The live runs of an owner: new ones are asked from now on, missing ones no more. */
  sync(owner: string, targets: readonly ProbeTarget[]): void {
    const before = this.#runs.get(owner) ?? new Map<string, RunProbes>()
    const now = new Map<string, RunProbes>()
    for (const target of targets) {
      const known = before.get(target.runId)
      before.delete(target.runId)
      if (known?.isFor(target) === true) now.set(target.runId, known)
      else {
        known?.close()
        now.set(
          target.runId,
          new RunProbes(target, this.#clock, () => {
            this.#onFlip(owner)
          }),
        )
      }
    }
    for (const gone of before.values()) gone.close()
    if (now.size === 0) this.#runs.delete(owner)
    else this.#runs.set(owner, now)
  }

  /** By run id. */
  results(owner: string): ReadonlyMap<string, ProbeResult> {
    return new Map([...(this.#runs.get(owner) ?? [])].map(([runId, probes]) => [runId, probes.result]))
  }

  close(): void {
    for (const owner of [...this.#runs.keys()]) this.sync(owner, [])
  }
}

/** The probes of one run: startup first, alone; then readiness and liveness side by side. */
class RunProbes {
  readonly #target: ProbeTarget
  readonly #clock: Clock
  readonly #flip: () => void
  readonly #bornMs: number
  readonly #timers = new Map<ProbeName, () => void>()
  #closed = false
  result: ProbeResult

  constructor(target: ProbeTarget, clock: Clock, flip: () => void) {
    this.#target = target
    this.#clock = clock
    this.#flip = flip
    this.#bornMs = clock.nowMs()
    const started = target.startupProbe === undefined
    this.result = { started, ready: started && target.readinessProbe === undefined, message: '' }
    if (target.startupProbe !== undefined) this.#begin('startup', target.startupProbe)
    else this.#beginSteady()
  }

  isFor(target: ProbeTarget): boolean {
    return JSON.stringify(target) === JSON.stringify(this.#target)
  }

  close(): void {
    this.#closed = true
    for (const cancel of this.#timers.values()) cancel()
  }

  #beginSteady(): void {
    const { readinessProbe, livenessProbe } = this.#target
    if (readinessProbe !== undefined) this.#begin('readiness', readinessProbe)
    if (livenessProbe !== undefined) this.#begin('liveness', livenessProbe)
  }

  #begin(name: ProbeName, probe: AcceptedProbe): void {
    const counts = { passed: 0, failed: 0 }
    const ask = async (): Promise<void> => {
      const askedMs = this.#clock.nowMs()
      const answer = await this.#ask(probe)
      if (this.#closed) return
      const eager = !answer.passed && this.#clock.nowMs() - this.#bornMs < EAGER_MS.until
      if (!eager) count(counts, answer.passed)
      this.#judge(name, probe, counts, answer)
      // Judging may have ended this probe: a startup probe that passed is not asked again.
      if (this.#isOver(name)) return
      const periodMs = eager ? EAGER_MS.between : probe.periodSeconds * 1000
      this.#schedule(name, Math.max(0, periodMs - (this.#clock.nowMs() - askedMs)), ask)
    }
    this.#schedule(name, probe.initialDelaySeconds * 1000, ask)
  }

  #schedule(name: ProbeName, delayMs: number, ask: () => Promise<void>): void {
    this.#timers.set(
      name,
      this.#clock.setTimer(delayMs, () => void ask()),
    )
  }

  #isOver(name: ProbeName): boolean {
    return name === 'startup' && this.result.started
  }

  #ask(probe: AcceptedProbe): Promise<Answer> {
    const timeoutMs = probe.timeoutSeconds * 1000
    const { httpGet, tcpSocket } = probe
    if (httpGet !== undefined)
      return checkHttp({ path: httpGet.path ?? '/', port: this.#portOf(httpGet.port), timeoutMs })
    if (tcpSocket !== undefined) return checkTcp({ port: this.#portOf(tcpSocket.port), timeoutMs })
    return Promise.resolve({ passed: true, message: '' })
  }

  #portOf(port: number | string): number {
    return typeof port === 'number' ? port : (this.#target.ports.find(({ name }) => name === port)?.port ?? 0)
  }

  #judge(name: ProbeName, probe: AcceptedProbe, counts: { passed: number; failed: number }, answer: Answer): void {
    const before = this.result
    const verdict = {
      passes: counts.passed >= probe.successThreshold,
      fails: counts.failed >= probe.failureThreshold,
      message: answer.passed ? '' : sentence(name, answer, counts.failed, probe.failureThreshold),
    }
    this.result = next(before, name, verdict)
    if (name === 'startup' && verdict.passes)
      this.result = { ...this.result, ready: this.#target.readinessProbe === undefined }
    if (!before.started && this.result.started) this.#beginSteady()
    if (isFlip(before, this.result)) this.#flip()
  }
}

function count(counts: { passed: number; failed: number }, passed: boolean): void {
  counts.passed = passed ? counts.passed + 1 : 0
  counts.failed = passed ? 0 : counts.failed + 1
}

function sentence(name: ProbeName, answer: Answer, failed: number, threshold: number): string {
  const tally = failed === 0 ? '' : ` (${String(failed)} in a row; counts from ${String(threshold)})`
  return `The ${name} probe fails: ${answer.message}${tally}.`
}

function next(
  before: ProbeResult,
  name: ProbeName,
  verdict: { readonly passes: boolean; readonly fails: boolean; readonly message: string },
): ProbeResult {
  const { passes, fails, message } = verdict
  switch (name) {
    case 'startup':
      if (fails) return { ...before, failed: 'StartupProbeFailed', message }
      return passes ? { ...before, started: true, message: '' } : { ...before, message }
    case 'readiness':
      if (passes) return { ...before, ready: true, message: '' }
      return fails ? { ...before, ready: false, message } : { ...before, message: before.ready ? '' : message }
    case 'liveness':
      return fails ? { ...before, failed: 'LivenessProbeFailed', message } : before
  }
}

/** What a plan depends on, and the first word on why a process is not ready. */
function isFlip(a: ProbeResult, b: ProbeResult): boolean {
  return (
    a.started !== b.started || a.ready !== b.ready || a.failed !== b.failed || (a.message === '') !== (b.message === '')
  )
}
