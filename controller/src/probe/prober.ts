/** Asks the probes of every live run, each on its own beat, and keeps what they say. Judges; never acts. */
import { createHash } from 'node:crypto'
import type { AcceptedProbe } from '@orc/schemas'
import type { Clock } from '../clock.ts'
import type { Answer } from './answer.ts'
import { checkExec, type ExecContext } from './check-exec.ts'
import { checkHttp, checkTcp } from './check.ts'
import { Stopwatch, sumOf, type Times } from './stopwatch.ts'
import { Turns } from './turns.ts'

export interface ProbeTarget {
  readonly runId: string
  /** Boot clock, ms: when the run was ordered. Delays and the eager time count from then. */
  readonly startedAtMs: number
  /** Boot clock, ms: an earlier controller knew it as ready since then. It counts as ready until it answers otherwise. */
  readonly knownReadySinceMs?: number | undefined
  readonly ports: readonly { readonly name: string; readonly port: number }[]
  readonly startupProbe?: AcceptedProbe | undefined
  readonly readinessProbe?: AcceptedProbe | undefined
  readonly livenessProbe?: AcceptedProbe | undefined
  /** For commands; undefined while the environment cannot be resolved. */
  execContext(): ExecContext | undefined
}

export interface ProbeResult {
  /** The startup probe has passed, or there is none. */
  readonly started: boolean
  readonly ready: boolean
  readonly failed?: 'StartupProbeFailed' | 'LivenessProbeFailed'
  /** Why it is not ready, or what failed; '' before the first answer. */
  readonly message: string
  /** Boot clock, ms; since when it is ready without a break. */
  readonly readySinceMs?: number
}

type ProbeName = 'startup' | 'readiness' | 'liveness'
type AllTurns = Readonly<Record<keyof typeof AT_ONCE, Turns>>

/**
 * While a process comes up, a probe that fails is asked again soon whatever its period, and its failures do not count:
 * a start is not slowed down by its probe, and nobody is blamed for it.
 */
const EAGER_MS = { between: 100, until: 2000 } as const
/** Questions that may be open at the same time; the others wait, and their time has not begun. */
const AT_ONCE = { network: 50, exec: 8 } as const
/** After an answer that could not be judged. */
const UNKNOWN_AGAIN_MS = 1000
/** Runs that are found at a start of the controller are asked for the first time within so long, not all at once. */
const ADOPTED_SPREAD_MS = 1000

export class Prober {
  readonly #clock: Clock
  readonly #onFlip: (owner: string) => void
  readonly #runs = new Map<string, Map<string, RunProbes>>()
  readonly #turns: AllTurns = {
    network: new Turns(AT_ONCE.network),
    exec: new Turns(AT_ONCE.exec),
  }

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
          new RunProbes(target, this.#clock, this.#turns, () => {
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

  /** How long the readiness and liveness probes of an owner took that passed since this was asked last. */
  takeTimes(owner: string): Times {
    return sumOf([...(this.#runs.get(owner)?.values() ?? [])].map(({ stopwatch }) => stopwatch.take()))
  }

  close(): void {
    for (const owner of [...this.#runs.keys()]) this.sync(owner, [])
  }
}

/** The probes of one run: startup first, alone; then readiness and liveness side by side. */
class RunProbes {
  readonly #target: ProbeTarget
  readonly #clock: Clock
  readonly #turns: AllTurns
  readonly #flip: () => void
  readonly #timers = new Map<ProbeName, () => void>()
  readonly stopwatch = new Stopwatch()
  #closed = false
  result: ProbeResult

  constructor(target: ProbeTarget, clock: Clock, turns: AllTurns, flip: () => void) {
    this.#target = target
    this.#clock = clock
    this.#turns = turns
    this.#flip = flip
    this.result = firstResult(target)
    if (target.startupProbe !== undefined && !this.result.started) this.#begin('startup', target.startupProbe)
    else this.#beginSteady()
  }

  isFor(target: ProbeTarget): boolean {
    return questionsOf(target) === questionsOf(this.#target)
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
    const spread = fractionOf(`${this.#target.runId}/${name}`)
    let isSpread = false
    const ask = async (): Promise<void> => {
      const askedMs = this.#clock.nowMs()
      const answer = await this.#ask(probe)
      if (this.#closed) return
      this.#time(name, answer)
      const isEager = answer.verdict !== 'Passed' && this.#ageMs() < EAGER_MS.until
      if (!isEager) count(counts, answer)
      this.#judge(name, probe, counts, answer)
      // Judging may have ended this probe: a startup probe that passed is not asked again.
      if (this.#isOver(name)) return
      const periodMs = isEager ? EAGER_MS.between : nextAfter(answer, probe)
      // Those that came up together are asked one by one from now on.
      const shareMs = isEager || isSpread ? periodMs : periodMs * (0.5 + spread / 2)
      isSpread ||= !isEager
      this.#schedule(name, Math.max(0, shareMs - (this.#clock.nowMs() - askedMs)), ask)
    }
    const leftMs = probe.initialDelaySeconds * 1000 - this.#ageMs()
    const isOld = this.#ageMs() > EAGER_MS.until
    this.#schedule(name, Math.max(leftMs, isOld ? spread * ADOPTED_SPREAD_MS : 0), ask)
  }

  /** A start takes as long as it takes, and a refusal says nothing about how fast the service is. */
  #time(name: ProbeName, { verdict, tookMs }: Answer): void {
    if (name !== 'startup' && verdict === 'Passed' && tookMs !== undefined) this.stopwatch.note(tookMs)
  }

  #ageMs(): number {
    return this.#clock.nowMs() - this.#target.startedAtMs
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
    const { httpGet, tcpSocket, exec } = probe
    if (exec !== undefined) return this.#turns.exec.take(() => this.#askCommand(exec.command, timeoutMs))
    return this.#turns.network.take(() => {
      if (httpGet !== undefined)
        return checkHttp({ path: httpGet.path ?? '/', port: this.#portOf(httpGet.port), timeoutMs })
      if (tcpSocket !== undefined) return checkTcp({ port: this.#portOf(tcpSocket.port), timeoutMs })
      return Promise.resolve({ verdict: 'Passed', message: '' })
    })
  }

  #askCommand(command: readonly string[], timeoutMs: number): Promise<Answer> {
    const context = this.#closed ? undefined : this.#target.execContext()
    const message = 'The command waits for a ConfigMap or Secret of the service'
    return context === undefined
      ? Promise.resolve({ verdict: 'Unknown', message })
      : checkExec({ ...context, command, timeoutMs })
  }

  #portOf(port: number | string): number {
    return typeof port === 'number' ? port : (this.#target.ports.find(({ name }) => name === port)?.port ?? 0)
  }

  #judge(name: ProbeName, probe: AcceptedProbe, counts: { passed: number; failed: number }, answer: Answer): void {
    const before = this.result
    const verdict = {
      passes: counts.passed >= probe.successThreshold,
      fails: counts.failed >= probe.failureThreshold,
      message: answer.verdict === 'Passed' ? '' : sentence(name, answer, counts.failed, probe.failureThreshold),
    }
    this.result = next(before, name, verdict)
    if (name === 'startup' && verdict.passes)
      this.result = { ...this.result, ready: this.#target.readinessProbe === undefined }
    this.result = withSince(before, this.result, this.#clock.nowMs())
    if (!before.started && this.result.started) this.#beginSteady()
    if (isFlip(before, this.result)) this.#flip()
  }
}

/** Before anything was asked. */
function firstResult({ startupProbe, readinessProbe, knownReadySinceMs, startedAtMs }: ProbeTarget): ProbeResult {
  const started = startupProbe === undefined || knownReadySinceMs !== undefined
  const isUnasked = started && readinessProbe === undefined
  const readySinceMs = knownReadySinceMs ?? (isUnasked ? startedAtMs : undefined)
  return {
    started,
    ready: readySinceMs !== undefined,
    message: '',
    ...(readySinceMs === undefined ? {} : { readySinceMs }),
  }
}

/** What is known changes all the time, and is no reason to begin anew. */
function questionsOf({ knownReadySinceMs: _, ...target }: ProbeTarget): string {
  return JSON.stringify(target)
}

/** What could not be judged changes no count: neither blame nor praise. */
function count(counts: { passed: number; failed: number }, { verdict }: Answer): void {
  if (verdict === 'Unknown') return
  const passed = verdict === 'Passed'
  counts.passed = passed ? counts.passed + 1 : 0
  counts.failed = passed ? 0 : counts.failed + 1
}

function nextAfter({ verdict }: Answer, { periodSeconds }: AcceptedProbe): number {
  const periodMs = periodSeconds * 1000
  return verdict === 'Unknown' ? Math.min(periodMs, UNKNOWN_AGAIN_MS) : periodMs
}

/** The same number in [0, 1) for the same text: runs are spread over a period, each always at its own place. */
function fractionOf(text: string): number {
  return createHash('sha1').update(text).digest().readUInt32BE() / 2 ** 32
}

function sentence(name: ProbeName, answer: Answer, failed: number, threshold: number): string {
  const tally = failed === 0 ? '' : ` (${String(failed)} in a row; counts from ${String(threshold)})`
  const verb = answer.verdict === 'Unknown' ? 'is open' : 'fails'
  return `The ${name} probe ${verb}: ${answer.message}${tally}.`
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

function withSince(before: ProbeResult, { readySinceMs: _, ...now }: ProbeResult, nowMs: number): ProbeResult {
  return now.ready ? { ...now, readySinceMs: before.readySinceMs ?? nowMs } : now
}

/** What a plan depends on, and the first word on why a process is not ready. */
function isFlip(a: ProbeResult, b: ProbeResult): boolean {
  return (
    a.started !== b.started || a.ready !== b.ready || a.failed !== b.failed || (a.message === '') !== (b.message === '')
  )
}
