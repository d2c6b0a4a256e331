/** Waits until a service is ready, or until it is plain that it will not be. */
import { findCondition, RESOURCES, type AgentService, type AgentServiceStatus } from '@orc/schemas'
import type { OrcClient } from '@orc/sdk/client'
import { sleep } from '../output.ts'

export type Outcome =
  | { readonly type: 'Ready' }
  /** `message` = the sentence of the service itself. */
  | { readonly type: 'Failed' | 'TimedOut' | 'Interrupted'; readonly message: string }

export interface WaitOptions {
  readonly namespace: string
  readonly name: string
  readonly timeoutMs: number
  readonly signal: AbortSignal
  /** Each time that the sentence changes. */
  readonly onProgress: (message: string) => void
}

const POLL_MS = 100
/** Without a probe a process is ready as soon as it runs; one that cannot run at all takes this long to show it. */
const STEADY_MS = 1000

export async function waitUntilReady(client: OrcClient, options: WaitOptions): Promise<Outcome> {
  const { namespace, name, timeoutMs, signal, onProgress } = options
  const deadline = performance.now() + timeoutMs
  const steadiness = new Steadiness()
  let said = ''
  for (;;) {
    const service = await client.get<AgentService>(RESOURCES.agentservices, name, namespace)
    const message = findCondition(service.status?.conditions, 'Ready')?.message ?? 'Waiting for the controller.'
    if (message !== said) onProgress(message)
    said = message
    const outcome = judge(service, message)
    const isSteady = steadiness.look(service, outcome?.type === 'Ready', performance.now())
    if (outcome !== undefined && (outcome.type !== 'Ready' || isSteady)) return outcome
    if (performance.now() > deadline) return { type: 'TimedOut', message }
    await sleep(POLL_MS, signal)
    if (signal.aborted) return { type: 'Interrupted', message }
  }
}

/** Whether what looks ready has been so for long enough, in one life of its processes. */
class Steadiness {
  #sinceMs: number | undefined
  #restarts = 0

  look({ spec, status }: AgentService, isReady: boolean, nowMs: number): boolean {
    if (!isReady) {
      this.#sinceMs = undefined
      return false
    }
    const restarts = status?.restartCount ?? 0
    if (restarts !== this.#restarts) this.#sinceMs = nowMs
    this.#restarts = restarts
    this.#sinceMs ??= nowMs
    const isAsked = spec.readinessProbe !== undefined || spec.startupProbe !== undefined
    return isAsked || nowMs - this.#sinceMs >= STEADY_MS
  }
}

/** Time alone does not heal these. */
const HOPELESS = ['CrashLoopBackOff', 'Failed', 'Completed', 'Stopped']
/** One failure may be a race at the start; a process that fails twice in a row will fail again. */
const MOST_RESTARTS = 2

function judge({ metadata, status = {} }: AgentService, message: string): Outcome | undefined {
  // What is said of an older generation is not about what was asked for.
  if (status.observedGeneration !== metadata.generation) return undefined
  if (findCondition(status.conditions, 'Ready')?.status === 'True') return { type: 'Ready' }
  return isHopeless(status) ? { type: 'Failed', message } : undefined
}

function isHopeless({ conditions, restartCount = 0 }: AgentServiceStatus): boolean {
  const reason = findCondition(conditions, 'Ready')?.reason ?? ''
  const isStalled = findCondition(conditions, 'Stalled')?.status === 'True'
  return isStalled || HOPELESS.includes(reason) || (reason === 'BackOff' && restartCount >= MOST_RESTARTS)
}
