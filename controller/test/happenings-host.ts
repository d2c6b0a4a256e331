/** A service on a simulated host, pass by pass, and what is told of it. */
import { validate, type AcceptedSpec, type AgentService, type Judgement } from '@orc/schemas'
import { deepFreeze } from '../src/cache/deep.ts'
import { FakeClock } from '../src/clock-fake.ts'
import { FakeRuntime } from '../src/runtime/fake/fake-runtime.ts'
import type { ObservedRun } from '../src/runtime/runtime.ts'
import { tell, type Told } from '../src/plan/happenings.ts'
import { plan } from '../src/plan/plan.ts'
import {
  isLive,
  type AcceptedService,
  type Action,
  type LimitBreach,
  type ProbeState,
  type StartFailure,
  type World,
} from '../src/plan/world.ts'

export const service = { namespace: 'default', name: 'web' }
export const ACCEPTED: Judgement = { type: 'Accepted', status: 'True', reason: 'Accepted', message: 'In force.' }
export const PROBE = { httpGet: { port: 1 } }

export class Host {
  readonly clock = new FakeClock()
  readonly runtime = new FakeRuntime(this.clock)
  accepted: AcceptedService | undefined
  acceptance = ACCEPTED
  shuttingDown = false
  remembered = new Set<string>()
  readonly probes = new Map<string, ProbeState>()
  readonly breaches = new Map<string, LimitBreach>()
  readonly ended: string[] = []
  lookAgainInMs: number | undefined
  #failures = new Map<number, StartFailure>()
  #told: Told | undefined

  declare(spec: Partial<AgentService['spec']> = {}, more: Partial<AcceptedService> = {}): void {
    const checked = validate({
      ...{ apiVersion: 'orc.dev/v1alpha1', kind: 'AgentService', metadata: { name: 'web' } },
      spec: { command: ['a'], backoff: { jitterPercent: 0 }, ...spec },
    })
    if (!checked.ok) throw new Error(JSON.stringify(checked.issues))
    const accepted = (checked.object as AgentService).spec as AcceptedSpec
    this.accepted = { uid: 'u', revision: 'r1', restartedAt: '', spec: accepted, ...more }
    this.#failures.clear()
  }

  runs(): ObservedRun[] {
    return this.runtime.observe(service).flatMap(({ runs }) => runs)
  }

  get live(): ObservedRun {
    const run = this.runs().find(isLive)
    if (run === undefined) throw new Error('nothing runs')
    return run
  }

  probe(state: Partial<ProbeState>): void {
    this.probes.set(this.live.record.runId, { started: true, ready: false, message: '', ...state })
  }

  /** The controller died; its probes know nothing yet. */
  restart(): void {
    this.#told = undefined
    this.probes.clear()
    this.breaches.clear()
    this.#failures.clear()
  }

  /** One pass, and what it tells. */
  async pass(): Promise<string[]> {
    const slots = deepFreeze(this.runtime.observe(service))
    const world = {
      ...{ service, accepted: this.accepted, slots, probes: this.probes, startFailures: this.#failures },
      breaches: this.breaches,
      ...{ deletions: [], shuttingDown: this.shuttingDown },
      rollout: { beganAtMs: this.clock.nowMs(), isProven: true, isHeld: false },
      ...{ dependencies: [], tasks: [], dependents: [], shortages: new Map() },
      ...{ nowMs: this.clock.nowMs(), wallMs: this.clock.wallMs() },
    } as World
    const decided = plan(world)
    for (const action of decided.actions) await this.#execute(action)
    const acceptance = this.accepted === undefined ? undefined : this.acceptance
    const { happenings, ended, told, lookAgainInMs } = tell(this.#told, {
      ...{ world, decided, acceptance, remembered: this.remembered },
    })
    this.#told = told
    this.lookAgainInMs = lookAgainInMs
    this.ended.push(...ended.map(({ record }) => record.runId))
    return happenings.map(({ replica, type, reason, message }) => {
      const of = replica === undefined ? 'web' : `web-${String(replica.ordinal)}/${String(replica.incarnation)}`
      return `${of} ${type} ${reason}: ${message}`
    })
  }

  /** Passes until nothing more is done; time stands still. */
  async rest(): Promise<string[]> {
    const lines: string[] = []
    for (let round = 0; round < 10; round++) {
      lines.push(...(await this.pass()))
      for (const run of this.runs().filter(({ phase }) => phase === 'Starting')) this.runtime.claim(run.ref)
    }
    return lines
  }

  async #execute(action: Action): Promise<void> {
    if (action.type === 'Stop') this.runtime.stop(action.run, action)
    else if (action.type === 'Kill') this.runtime.kill(action.run)
    else if (action.type === 'Forget') this.runtime.forget(action.slot)
    else if (action.type === 'Start' && this.accepted !== undefined) {
      const { uid, revision, restartedAt, spec } = this.accepted
      const { ordinal, incarnation, restartCount, failures } = action
      const result = await this.runtime.start({
        ...{ slot: { ...service, uid, ordinal }, incarnation, restartCount, failures, revision, restartedAt },
        ...{ command: spec.command, workingDir: '/', env: {}, ports: [], stopSignal: spec.stopSignal },
        graceMs: spec.terminationGracePeriodSeconds * 1000,
      })
      const count = (this.#failures.get(ordinal)?.count ?? 0) + 1
      this.#failures.delete(ordinal)
      if (!result.ok) {
        const { reason, message } = result
        this.#failures.set(ordinal, { reason, message, failedAtMs: this.clock.nowMs(), count })
      }
    }
  }
}
