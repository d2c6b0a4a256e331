/** What must hold of what is told, in whatever order things happen. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Host, PROBE } from '../../test/happenings-host.ts'
import { isLive } from './world.ts'

type Step =
  | { readonly type: 'Pass' | 'Claim' | 'Undeclare' | 'Restart' }
  | { readonly type: 'Advance'; readonly ms: number }
  | { readonly type: 'Exit'; readonly code: number }
  | { readonly type: 'Declare'; readonly revision: string; readonly replicas: number; readonly hasProbe: boolean }
  | { readonly type: 'Probe'; readonly ready: boolean; readonly hasFailed: boolean }
  | { readonly type: 'Refuse'; readonly isRefused: boolean }

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom<Step>({ type: 'Pass' }, { type: 'Claim' }) },
  { weight: 1, arbitrary: fc.constantFrom<Step>({ type: 'Undeclare' }, { type: 'Restart' }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('Advance'), ms: fc.constantFrom(10, 1000, 5000, 60_000) }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('Exit'), code: fc.constantFrom(0, 1, 139) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('Declare'),
      revision: fc.constantFrom('r1', 'r2'),
      replicas: fc.integer({ min: 0, max: 3 }),
      hasProbe: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('Probe'), ready: fc.boolean(), hasFailed: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('Refuse'), isRefused: fc.boolean() }) },
)

/** Adds the runs that have ended by now: their traces may be removed soon. */
function endedOf(host: Host, seen: Set<string>): Set<string> {
  for (const run of host.runs()) if (!isLive(run)) seen.add(run.record.runId)
  return seen
}

function take(host: Host, step: Step): void {
  switch (step.type) {
    case 'Pass':
    case 'Restart':
      return
    case 'Claim':
      for (const run of host.runs()) host.runtime.claim(run.ref)
      return
    case 'Advance':
      host.clock.advance(step.ms)
      return
    case 'Exit': {
      const run = host.runs().find(isLive)
      if (run !== undefined) host.runtime.exit(run.ref, step.code)
      return
    }
    case 'Declare': {
      const { replicas, revision, hasProbe } = step
      host.declare({ replicas, ...(hasProbe && { readinessProbe: PROBE, livenessProbe: PROBE }) }, { revision })
      return
    }
    case 'Undeclare':
      host.accepted = undefined
      return
    case 'Probe': {
      const { ready, hasFailed } = step
      const message = ready && !hasFailed ? '' : 'It fails.'
      for (const run of host.runs().filter(({ phase }) => phase === 'Running'))
        host.probes.set(run.record.runId, {
          ...{ started: true, ready, message },
          ...(hasFailed && { failed: 'LivenessProbeFailed' as const }),
        })
      return
    }
    case 'Refuse':
      host.runtime.refusal = step.isRefused ? { ok: false, reason: 'StartFailed', message: 'No.' } : undefined
  }
}

test('every run that ends is handed on exactly once, whenever the controller dies, and rest is silent', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const host = new Host()
      host.declare()
      const ended = new Set<string>()
      const lines: string[] = []
      for (const each of steps) {
        if (each.type === 'Restart') {
          host.restart()
          // What history would answer.
          host.remembered = new Set(host.ended)
        } else if (each.type === 'Pass') lines.push(...(await host.pass()))
        else take(host, each)
        endedOf(host, ended)
      }
      host.runtime.refusal = undefined
      host.accepted = undefined
      for (let round = 0; round < 3; round++) {
        lines.push(...(await host.rest()))
        endedOf(host, ended)
        host.clock.advance(60_000)
      }
      expect(new Set(host.ended).size).toBe(host.ended.length)
      for (const runId of ended) expect(host.ended).toContain(runId)
      expect(await host.rest()).toEqual([])
      for (const line of lines) expect(line).toMatch(/^web(-\d\/\d+)? (Normal|Warning) \w+: \S.*[.!]$/s)
    }),
    { numRuns: 500 },
  )
})
