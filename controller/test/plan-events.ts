/** What happens to a service and its host, as random histories for properties of the planner. */
import type { AgentService } from '@orc/schemas'
import fc from 'fast-check'
import type { LimitBreach, ProbeState } from '../src/plan/world.ts'

export type Event =
  | { readonly type: 'Advance'; readonly ms: number }
  | { readonly type: 'Claim' }
  | { readonly type: 'Exit'; readonly pick: number; readonly code: number }
  | { readonly type: 'ExitTask'; readonly pick: number; readonly code: number }
  | {
      readonly type: 'Declare'
      readonly fields: Partial<AgentService['spec']>
      readonly revision: number
      readonly restart: number
      readonly uid: number
      readonly config?: string | undefined
    }
  | { readonly type: 'Undeclare' }
  | { readonly type: 'Temper'; readonly stubborn: boolean; readonly unkillable: boolean }
  | { readonly type: 'Refuse'; readonly refused: boolean }
  | { readonly type: 'Probe'; readonly pick: number; readonly state: ProbeState }
  /** A service that this one depends on comes to stand as it should, or does not any more. */
  | { readonly type: 'Depend'; readonly isMet: boolean }
  /** One of them began anew, and this one asks to be restarted then. */
  | { readonly type: 'DependencyBegan' }
  /** The host has room for a process of the revision in force, or has none. */
  | { readonly type: 'Room'; readonly ordinal: number; readonly isThere: boolean }
  | { readonly type: 'Breach'; readonly pick: number; readonly breach: LimitBreach }
  /** Somebody deletes the pod that is shown. */
  | { readonly type: 'DeletePod'; readonly ordinal: number; readonly graceMs: number }
  /** The controller died: what it only remembered is gone; the host goes on. */
  | { readonly type: 'Crash' }
  | { readonly type: 'ShutDown'; readonly on: boolean }

export const probeState = fc.constantFrom<ProbeState>(
  { started: false, ready: false, message: '' },
  { started: true, ready: true, message: '' },
  { started: true, ready: false, message: 'The readiness probe fails.' },
  { started: true, ready: false, failed: 'LivenessProbeFailed', message: 'The liveness probe fails.' },
  { started: false, ready: false, failed: 'StartupProbeFailed', message: 'The startup probe fails.' },
)

export const READY: ProbeState = { started: true, ready: true, message: '' }

export const declare = fc.record({
  type: fc.constant('Declare' as const),
  fields: fc.record(
    {
      replicas: fc.integer({ min: 0, max: 3 }),
      restartPolicy: fc.constantFrom('Always' as const, 'OnFailure' as const, 'Never' as const),
      restartPolicyOnCPULimit: fc.constantFrom('None' as const, 'Restart' as const),
      operatingMode: fc.constantFrom('Running' as const, 'Running' as const, 'Stopped' as const),
      terminationGracePeriodSeconds: fc.constantFrom(0, 1, 30),
      readinessProbe: fc.constantFrom({ tcpSocket: { port: 80 } }),
      initCommands: fc.constantFrom<NonNullable<AgentService['spec']['initCommands']>[]>(
        [{ name: 'migrate', command: ['m'], timeoutSeconds: 60 }],
        [
          { name: 'migrate', command: ['m'] },
          { name: 'warm', command: ['w'], when: 'EveryStart' },
        ],
      ),
      lifecycle: fc.constantFrom<NonNullable<AgentService['spec']['lifecycle']>[]>(
        { postStart: { exec: { command: ['p'] } } },
        { preStop: { exec: { command: ['q'] } } },
        { postStart: { exec: { command: ['p'] } }, preStop: { exec: { command: ['q'] }, timeoutSeconds: 5 } },
      ),
      updateStrategy: fc.record(
        {
          type: fc.constantFrom('RollingUpdate' as const, 'RollingUpdate' as const, 'Recreate' as const),
          maxUnavailable: fc.constantFrom(1, 2),
          maxSurge: fc.constantFrom(0, 1),
          minReadySeconds: fc.constantFrom(0, 2),
          progressDeadlineSeconds: fc.constantFrom(5, 600),
          autoRollback: fc.boolean(),
        },
        { requiredKeys: [] },
      ),
    },
    { requiredKeys: [] },
  ),
  revision: fc.integer({ min: 1, max: 3 }),
  restart: fc.integer({ min: 0, max: 2 }),
  uid: fc.integer({ min: 1, max: 2 }),
  config: fc.constantFrom(undefined, undefined, 'c1', 'c2'),
})

export const event: fc.Arbitrary<Event> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant('Advance' as const),
      ms: fc.constantFrom(1, 10, 500, 1000, 2500, 40_000, 700_000),
    }),
  },
  { weight: 6, arbitrary: fc.constant({ type: 'Claim' as const }) },
  {
    weight: 6,
    arbitrary: fc.record({ type: fc.constant('Exit' as const), pick: fc.nat(3), code: fc.constantFrom(0, 1, 137) }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ type: fc.constant('ExitTask' as const), pick: fc.nat(3), code: fc.constantFrom(0, 0, 1) }),
  },
  { weight: 3, arbitrary: declare },
  { weight: 1, arbitrary: fc.constant({ type: 'Undeclare' as const }) },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('Temper' as const), stubborn: fc.boolean(), unkillable: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('Refuse' as const), refused: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('Probe' as const), pick: fc.nat(3), state: probeState }) },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('Breach' as const),
      pick: fc.nat(3),
      breach: fc.constantFrom<LimitBreach>({}, { cpu: { used: 2, limit: 1 } }, { memory: { used: 2, limit: 1 } }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('DeletePod' as const),
      ordinal: fc.nat(2),
      graceMs: fc.constantFrom(0, 500, 40_000),
    }),
  },
  { weight: 1, arbitrary: fc.boolean().map((isMet) => ({ type: 'Depend' as const, isMet })) },
  { weight: 1, arbitrary: fc.constant({ type: 'DependencyBegan' as const }) },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant('Room' as const), ordinal: fc.nat(3), isThere: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.constant({ type: 'Crash' as const }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('ShutDown' as const), on: fc.boolean() }) },
)

export const history = fc.tuple(declare, fc.array(event, { maxLength: 40 })).map(([first, rest]) => [first, ...rest])

/** One service whose revision changes now and then while its replicas come up, fall and come again. */
export const rolloutHistory = fc
  .tuple(
    fc.record({
      replicas: fc.integer({ min: 1, max: 4 }),
      readinessProbe: fc.constantFrom(undefined, { tcpSocket: { port: 80 } }),
      updateStrategy: fc.record({
        maxUnavailable: fc.constantFrom(1, 2),
        maxSurge: fc.constantFrom(0, 1),
        minReadySeconds: fc.constantFrom(0, 2),
      }),
    }),
    fc.array(
      fc.oneof(
        { weight: 6, arbitrary: fc.constant({ type: 'Claim' as const }) },
        {
          weight: 4,
          arbitrary: fc.record({ type: fc.constant('Advance' as const), ms: fc.constantFrom(10, 1000, 3000) }),
        },
        { weight: 6, arbitrary: fc.nat(4).map((pick) => ({ type: 'Probe' as const, pick, state: READY })) },
        { weight: 1, arbitrary: fc.nat(4).map((pick) => ({ type: 'Exit' as const, pick, code: 1 })) },
        {
          weight: 2,
          arbitrary: fc
            .tuple(fc.nat(4), fc.boolean())
            .map(([ordinal, isThere]) => ({ type: 'Room' as const, ordinal, isThere })),
        },
        {
          weight: 2,
          arbitrary: fc.integer({ min: 1, max: 3 }).map((revision) => ({ type: 'Revise' as const, revision })),
        },
      ),
      { minLength: 10, maxLength: 60 },
    ),
  )
  .map(([{ readinessProbe, ...rest }, events]): Event[] => {
    const fields = { ...rest, ...(readinessProbe === undefined ? {} : { readinessProbe }) }
    const revise = (revision: number): Event => ({ type: 'Declare', fields, revision, restart: 0, uid: 1 })
    return [revise(1), ...events.map((event) => (event.type === 'Revise' ? revise(event.revision) : event))]
  })
