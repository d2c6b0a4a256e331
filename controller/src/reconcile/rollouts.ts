/** Remembers revisions for the reconciler: which one is in force, when it began, and what came of it. */
import type { AcceptedSpec, AgentService, Key } from '@orc/schemas'
import type { Clock } from '../clock.ts'
import type { Revision, Revisions, ServiceId } from '../objects/revisions.ts'
import type { ConfigRevisions } from './config-revision.ts'
import type { AcceptedService, Action, ProbeState } from '../plan/world.ts'
import type { ObservedRun, ObservedSlot } from '../runtime/runtime.ts'
import { inForce, type InForce } from './in-force.ts'

export interface RolloutsOptions {
  readonly revisions: Revisions
  readonly clock: Clock
  readonly configs: ConfigRevisions
  /** Of this boot: the boot clock of another one says nothing. */
  readonly bootId: string
}

/** A run that nothing is asked of. */
const UNASKED: ProbeState = { started: true, ready: true, message: '' }

export class Rollouts {
  readonly #options: RolloutsOptions
  /** By service: until when its rollout was held back; undefined = it still is. */
  readonly #waits = new Map<string, number | undefined>()

  constructor(options: RolloutsOptions) {
    this.#options = options
  }

  inForce(service: AgentService, cycle: readonly Key[] | undefined): InForce {
    const { revisions, clock, bootId, configs } = this.#options
    const id = idOf(service)
    const nowMs = clock.nowMs()
    const wait = keyOfService(id)
    const waitedUntilMs = this.#waits.has(wait) ? (this.#waits.get(wait) ?? nowMs) : undefined
    const found = inForce(service, revisions.of(id), { bootId, nowMs, cycle, waitedUntilMs })
    const { revision, spec } = found.accepted
    if (found.judgement === undefined && !found.rollout.isHeld && revisions.of(id).at(-1)?.revision === revision)
      revisions.refresh(id, spec)
    if (spec.reload.mode !== 'Restart') {
      const content = configs.ofWhole(spec, id.namespace)
      return content === undefined ? found : { ...found, accepted: { ...found.accepted, content } }
    }
    return { ...found, accepted: { ...found.accepted, configRevision: configs.of(spec, id.namespace) } }
  }

  /** What the plan says of the wait: nothing is judged by the time that passed in it. */
  noteWait(service: Pick<ServiceId, 'namespace' | 'name'>, isWaiting: boolean): void {
    const key = keyOfService(service)
    if (isWaiting) this.#waits.set(key, undefined)
    else if (this.#waits.has(key) && this.#waits.get(key) === undefined)
      this.#waits.set(key, this.#options.clock.nowMs())
  }

  /** Before the first process of a revision is made. */
  begin(service: ServiceId, { revision, spec }: AcceptedService): void {
    const { revisions, clock, bootId } = this.#options
    if (revisions.of(service).at(-1)?.revision === revision) return
    const createdAt = new Date(clock.wallMs()).toISOString()
    const fresh = { revision, createdAt, beganAtMs: clock.nowMs(), bootId, spec }
    revisions.begin(service, fresh, spec.revisionHistoryLimit)
  }

  conclude(
    service: ServiceId,
    action: Extract<Action, { type: 'Prove' | 'RollBack' }>,
    accepted: AcceptedService,
  ): void {
    const { revisions } = this.#options
    const { restartedAt } = accepted
    // What runs may be older than this memory: an earlier orc had none, and files can be lost.
    this.begin(service, accepted)
    if (action.type === 'Prove') revisions.prove(service, action.revision)
    else revisions.reject(service, action.from, { message: action.message, restartedAt })
  }

  forget(service: Pick<ServiceId, 'namespace' | 'name'>): void {
    this.#waits.delete(keyOfService(service))
    this.#options.revisions.remove(service)
  }

  /** The spec that a run was started with, as far as it is remembered: its probes are those of its own revision. */
  specOfRun(accepted: AcceptedService, { ref, record }: ObservedRun): AcceptedSpec {
    if (record.revision === accepted.revision) return accepted.spec
    const known = this.#options.revisions.of(ref).find(({ revision }: Revision) => revision === record.revision)
    return known?.spec ?? accepted.spec
  }

  /** Answers for runs of older revisions that have no probes of their own, beside those of the prober. */
  withUnasked(
    asked: ReadonlyMap<string, ProbeState>,
    accepted: AcceptedService | undefined,
    slots: readonly ObservedSlot[],
  ): ReadonlyMap<string, ProbeState> {
    if (accepted === undefined) return asked
    const old = slots
      .flatMap(({ runs }) => runs)
      .filter((run) => run.phase === 'Running' && run.record.revision !== accepted.revision)
    const unasked = old.filter((run) => {
      const { startupProbe, readinessProbe, livenessProbe } = this.specOfRun(accepted, run)
      return startupProbe === undefined && readinessProbe === undefined && livenessProbe === undefined
    })
    return new Map([...asked, ...unasked.map(({ record }) => [record.runId, UNASKED] as const)])
  }
}

function keyOfService({ namespace, name }: Pick<ServiceId, 'namespace' | 'name'>): string {
  return `${namespace}/${name}`
}

function idOf({ metadata }: AgentService): ServiceId {
  return { namespace: metadata.namespace ?? 'default', name: metadata.name, uid: metadata.uid ?? '' }
}
