/** What is told of a service on a simulated host, line by line. */
import type { Judgement, Reason } from '@orc/schemas'
import { beforeEach, describe, expect, test } from 'vitest'
import { tell, type Told } from './happenings.ts'
import { ACCEPTED, Host, PROBE, service } from '../../test/happenings-host.ts'
import { plan } from './plan.ts'
import type { World } from './world.ts'

let host: Host
beforeEach(() => {
  host = new Host()
})

const refusal = (reason: Reason, message: string) => ({ ok: false, reason, message }) as const

describe('a process', () => {
  test('that is started is told, and then there is nothing to tell', async () => {
    host.declare()
    expect(await host.rest()).toEqual(['web-0/1 Normal Started: The process was started.', 'web Normal Ready: Ready.'])
    host.clock.advance(100_000)
    expect(await host.rest()).toEqual([])
  })

  test('that ends again and again is told in the same words each time', async () => {
    host.declare()
    await host.rest()
    const crash = async (): Promise<string[]> => {
      host.clock.advance(2000)
      host.runtime.exit(host.live.ref, 3)
      const lines = await host.rest()
      host.clock.advance(40_000)
      return [...lines, ...(await host.rest())]
    }
    expect(await crash()).toEqual([
      'web-0/1 Warning Exited: The process exited with code 3.',
      'web-0/1 Normal Started: The process was started again.',
    ])
    expect(await crash()).toEqual([
      'web-0/1 Warning Exited: The process exited with code 3.',
      'web-0/1 Warning BackOff: A process ended and is started again after a wait.',
      'web-0/1 Normal Started: The process was started again.',
    ])
    const loop = await crash()
    expect(loop).toEqual([
      'web-0/1 Warning Exited: The process exited with code 3.',
      'web-0/1 Warning CrashLoopBackOff: A process ends again and again.',
      'web Warning CrashLoopBackOff: A process ends again and again.',
      'web-0/1 Normal Started: The process was started again.',
      'web Normal Ready: Ready.',
    ])
    expect(await crash()).toEqual(loop)
    expect(host.ended).toHaveLength(4)
    expect(new Set(host.ended).size).toBe(4)
  })

  test('that is not started again says so', async () => {
    host.declare({ restartPolicy: 'OnFailure' })
    await host.rest()
    host.runtime.exit(host.live.ref, 0)
    expect(await host.rest()).toEqual([
      'web-0/1 Normal Exited: The process exited with code 0.',
      'web-0/1 Normal Completed: It is not started again: restartPolicy is OnFailure.',
      'web Normal Completed: The process exited with code 0 after 0 s. restartPolicy is OnFailure.',
    ])
  })

  test('that cannot be started is told at each attempt, the service once', async () => {
    host.declare()
    host.runtime.refusal = refusal('StartFailed', 'There is no such program.')
    const lines = await host.rest()
    expect(lines).toEqual([
      'web-0/1 Warning StartFailed: There is no such program.',
      'web Warning StartFailed: There is no such program.',
    ])
    host.clock.advance(5000)
    expect(await host.rest()).toEqual([lines[0]])
    host.runtime.refusal = undefined
    host.clock.advance(30_000)
    expect(await host.rest()).toEqual(['web-0/1 Normal Started: The process was started.', 'web Normal Ready: Ready.'])
  })
})

describe('a stop', () => {
  test('tells its cause, then the end as nothing to worry about', async () => {
    host.declare()
    await host.rest()
    host.declare({}, { revision: 'r2' })
    expect(await host.rest()).toEqual([
      'web-0/1 Normal SpecChanged: A new revision replaces the process. The process is asked to end (SIGTERM).',
      'web-0/1 Normal SpecChanged: The process was ended by SIGTERM.',
      'web-0/2 Normal Started: The process was started.',
    ])
  })

  test('that is not heard is told once when SIGKILL is sent', async () => {
    host.declare({ terminationGracePeriodSeconds: 5 })
    host.runtime.stubborn = true
    host.runtime.unkillable = true
    await host.rest()
    host.accepted = undefined
    const lines: string[] = []
    for (let second = 0; second < 9; second++) {
      lines.push(...(await host.pass()))
      host.clock.advance(1000)
    }
    expect(lines).toEqual([
      'web-0/1 Normal ServiceDeleted: The service is no longer declared. The process is asked to end (SIGTERM).',
      'web-0/1 Warning GracePeriodExceeded: The process did not end within 5 s of being asked; SIGKILL is sent.',
    ])
    host.runtime.unkillable = false
    host.clock.advance(1000)
    expect(await host.rest()).toEqual(['web-0/1 Normal ServiceDeleted: The process was ended by SIGKILL.'])
  })

  test('on purpose is no warning', async () => {
    host.declare()
    await host.rest()
    host.declare({ operatingMode: 'Stopped', operatingModeReason: 'no budget' })
    expect(await host.rest()).toEqual([
      'web-0/1 Normal Stopped: Stopped: no budget. The process is asked to end (SIGTERM).',
      'web-0/1 Normal Stopped: The process was ended by SIGTERM.',
      'web Normal Stopped: Stopped: no budget.',
    ])
  })
})

describe('probes', () => {
  beforeEach(async () => {
    host.declare({ readinessProbe: PROBE, livenessProbe: PROBE })
    await host.rest()
  })

  test('tell readiness when it is gained, lost and gained again', async () => {
    host.probe({ message: 'The readiness probe fails: connection refused.' })
    expect(await host.rest()).toEqual([])
    host.probe({ ready: true })
    expect(await host.rest()).toEqual(['web-0/1 Normal Ready: The replica is ready.', 'web Normal Ready: Ready.'])
    host.clock.advance(3000)
    host.probe({ message: 'The readiness probe fails: 500.' })
    expect(await host.rest()).toEqual([
      'web-0/1 Warning ProbeFailed: The readiness probe fails: 500.',
      'web Warning ProbeFailed: The readiness probe fails: 500.',
    ])
    host.probe({ ready: true })
    expect(await host.rest()).toEqual(['web-0/1 Normal Ready: The replica is ready again.', 'web Normal Ready: Ready.'])
  })

  test('that fail for longer than a process takes to come up are told', async () => {
    const message = 'The readiness probe fails: connection refused.'
    host.probe({ message })
    await host.rest()
    expect(host.lookAgainInMs).toBe(2000)
    host.clock.advance(2000)
    expect(await host.rest()).toEqual([
      `web-0/1 Warning ProbeFailed: ${message}`,
      `web Warning ProbeFailed: ${message}`,
    ])
    expect(host.lookAgainInMs).toBeUndefined()
  })

  test('that end a process are the cause of its stop', async () => {
    host.probe({ ready: true, failed: 'LivenessProbeFailed', message: 'The liveness probe fails: no answer.' })
    expect(await host.pass()).toEqual([
      'web-0/1 Warning LivenessProbeFailed: The liveness probe fails: no answer. The process is asked to end (SIGTERM).',
    ])
  })
})

describe('limits', () => {
  beforeEach(async () => {
    host.declare({ restartPolicy: 'OnFailure' })
    await host.rest()
  })

  test('of memory end a process, which is started again as after a failure', async () => {
    host.breaches.set(host.live.record.runId, { memory: { used: 2 ** 27, limit: 2 ** 26 } })
    expect(await host.pass()).toEqual([
      'web-0/1 Warning MemoryLimitExceeded: The processes used more memory than the limit of 64Mi. The process is asked to end (SIGTERM).',
    ])
    const [run] = host.runs()
    expect(run?.end).toMatchObject({ reason: 'MemoryLimitExceeded' })
    await host.rest()
    expect(host.live.record).toMatchObject({ restartCount: 1, failures: 1 })
  })

  test('of CPU time end a process too, where that is asked for', async () => {
    host.declare({ restartPolicy: 'OnFailure', restartPolicyOnCPULimit: 'Restart' })
    await host.rest()
    host.breaches.set(host.live.record.runId, { cpu: { used: 2, limit: 0.5 } })
    expect(await host.pass()).toEqual([
      'web-0/1 Warning CPULimitExceeded: The processes use more CPU time than the limit of 0.5 cores. The process is asked to end (SIGTERM).',
    ])
    const [run] = host.runs()
    expect(run?.end).toMatchObject({ reason: 'CPULimitExceeded' })
    await host.rest()
    expect(host.live.record).toMatchObject({ restartCount: 1, failures: 1 })
  })

  test('of CPU time are told once each time, and nothing is ended', async () => {
    const { runId } = host.live.record
    const over = { cpu: { used: 2, limit: 0.5 } }
    host.breaches.set(runId, over)
    const told = [
      'web-0/1 Warning CPULimitExceeded: The processes use more CPU time than the limit of 0.5 cores. Nothing is done about it.',
    ]
    expect(await host.rest()).toEqual(told)
    expect(await host.rest()).toEqual([])
    host.breaches.delete(runId)
    expect(await host.rest()).toEqual([])
    host.breaches.set(runId, over)
    expect(await host.rest()).toEqual(told)
    expect(host.runs()).toHaveLength(1)
  })
})

describe('a controller that starts', () => {
  test('tells nothing of what went on all the time', async () => {
    host.declare({ readinessProbe: PROBE })
    await host.rest()
    host.probe({ ready: true })
    await host.rest()
    host.restart()
    expect(await host.rest()).toEqual([])
    host.probe({ ready: true })
    expect(await host.rest()).toEqual([])
    host.clock.advance(3000)
    host.probe({ message: 'The readiness probe fails: 500.' })
    expect(await host.rest()).toHaveLength(2)
  })

  test('tells what ended while nobody watched, once', async () => {
    host.declare({ restartPolicy: 'Never' })
    await host.rest()
    const { ref, record } = host.live
    host.runtime.exit(ref, 9)
    host.restart()
    expect(await host.rest()).toEqual([
      'web-0/1 Warning Exited: The process exited with code 9.',
      'web-0/1 Warning Failed: It is not started again: restartPolicy is Never.',
    ])
    expect(host.ended).toEqual([record.runId])
    host.restart()
    host.remembered = new Set([record.runId])
    expect(await host.rest()).toEqual([])
    expect(host.ended).toEqual([record.runId])
  })

  test('that goes tells what it takes with it', async () => {
    host.declare()
    await host.rest()
    host.shuttingDown = true
    expect(await host.rest()).toEqual([
      'web-0/1 Normal ControllerShutdown: orc was stopped together with its services. The process is asked to end (SIGTERM).',
      'web-0/1 Normal ControllerShutdown: The process was ended by SIGTERM.',
    ])
  })
})

test('a file that is wrong is told when it turns wrong, when it is wrong in another way, and when it is right', async () => {
  const wrong = (message: string): Judgement => ({
    type: 'Accepted',
    status: 'False',
    reason: 'InvalidManifest',
    message,
  })
  host.declare()
  await host.rest()
  host.acceptance = wrong('a.yaml:3: no.')
  expect(await host.rest()).toEqual(['web Warning InvalidManifest: a.yaml:3: no.'])
  host.acceptance = wrong('a.yaml:4: no.')
  expect(await host.rest()).toEqual(['web Warning InvalidManifest: a.yaml:4: no.'])
  host.restart()
  expect(await host.rest()).toEqual(['web Warning InvalidManifest: a.yaml:4: no.'])
  host.acceptance = ACCEPTED
  expect(await host.rest()).toEqual(['web Normal Accepted: In force.'])
})

test('a start that is called off is told as such, and not as a start', async () => {
  host.declare()
  await host.pass()
  const run = host.live
  const slots = host.runtime.observe(service)
  const end = { exitCode: -1, reason: 'Cancelled', finishedAt: run.record.startedAt, finishedAtMs: 0, lifetimeMs: 0 }
  const world = {
    ...{ service, accepted: undefined, probes: new Map(), startFailures: new Map(), deletions: [] },
    breaches: new Map(),
    tasks: [],
    slots: [{ ...slots[0]!, runs: [{ ...run, phase: 'Ended', end }] }],
    ...{ shuttingDown: false, nowMs: host.clock.nowMs(), wallMs: host.clock.wallMs() },
  } as unknown as World
  const before: Told = { runs: new Map(), replicas: new Map(), tasks: new Set(), conditions: new Map() }
  const { happenings } = tell(before, { world, decided: plan(world), acceptance: undefined, remembered: new Set() })
  expect(happenings.map(({ reason, message }) => `${reason}: ${message}`)).toEqual([
    'Cancelled: The start was called off before the process ran.',
  ])
})
