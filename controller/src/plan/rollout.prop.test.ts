/** What must hold while a new revision replaces an old one. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ObservedRun } from '../runtime/runtime.ts'
import { rolloutHistory } from '../../test/plan-events.ts'
import { always, ofType, play, type Simulation } from '../../test/plan-host.ts'
import { isLive, type Plan, type World } from './world.ts'

describe('in every world a rollout', () => {
  test('P13 never misses more replicas for a new revision than it may', async () => {
    let stops = 0
    const check = (_: Simulation, world: World, decided: Plan): void => {
      const { accepted } = world
      const asked = ofType(decided, 'Stop').filter(({ reason }) => reason === 'SpecChanged')
      if (accepted === undefined || accepted.spec.updateStrategy.type === 'Recreate') return
      const { replicas, updateStrategy, readinessProbe } = accepted.spec
      const serves = (run: ObservedRun): boolean => {
        const probe = world.probes.get(run.record.runId)
        const isReady = probe?.ready ?? readinessProbe === undefined
        const ageMs = world.nowMs - (probe?.readySinceMs ?? run.record.orderedAtMs)
        const isOld = ageMs >= updateStrategy.minReadySeconds * 1000
        return run.phase === 'Running' && run.stop === undefined && isReady && isOld
      }
      const serving = world.slots.flatMap(({ runs }) => runs.filter(serves))
      const stopped = serving.filter(({ ref }) => asked.some(({ run }) => run.ordinal === ref.ordinal))
      if (stopped.length === 0) return
      stops += 1
      expect(serving.length - stopped.length).toBeGreaterThanOrEqual(replicas - updateStrategy.maxUnavailable)
    }
    await fc.assert(
      fc.asyncProperty(rolloutHistory, async (events) => void (await play(events, check))),
      { numRuns: 150 },
    )
    // It did come to that, and often.
    expect(stops).toBeGreaterThan(40)
  })

  test('P15 ends no run for one that the host has no room for', async () => {
    let waits = 0
    const check = (_: Simulation, world: World, decided: Plan): void => {
      if (world.accepted === undefined) return
      waits += decided.replicas.filter(({ reason }) => reason === 'InsufficientHostCapacity').length
      for (const { run } of ofType(decided, 'Stop').filter(({ reason }) => reason === 'SpecChanged')) {
        expect(world.shortages.has(run.ordinal)).toBe(false)
      }
      if (world.shortages.size > 0) expect(ofType(decided, 'RollBack')).toEqual([])
    }
    await fc.assert(
      fc.asyncProperty(rolloutHistory, async (events) => void (await play(events, check))),
      { numRuns: 150 },
    )
    expect(waits).toBeGreaterThan(10)
  })

  test('P14 returns only from what has not proven itself to what has, and stays there', async () => {
    await always((simulation, world, decided) => {
      for (const { from, to, message } of ofType(decided, 'RollBack')) {
        expect(world.accepted?.spec.updateStrategy.autoRollback).toBe(true)
        expect(simulation.proven.has(from)).toBe(false)
        expect(simulation.proven.has(to)).toBe(true)
        expect(message).toMatch(/^[A-Z].*\.$/s)
      }
      for (const { revision } of ofType(decided, 'Prove')) {
        const live = world.slots.flatMap(({ runs }) => runs.filter(isLive))
        expect(
          live.filter(({ ref }) => ref.uid === world.accepted?.uid).every(({ record }) => record.revision === revision),
        ).toBe(true)
        expect(simulation.proven.has(revision)).toBe(false)
        const { updateStrategy, readinessProbe } = world.accepted?.spec ?? {}
        const isAsked = readinessProbe !== undefined || (updateStrategy?.minReadySeconds ?? 0) > 0
        // That a process was started proves nothing.
        const ages = live.map(({ record }) => world.nowMs - record.orderedAtMs)
        if (!isAsked) expect(Math.min(10_000, ...ages)).toBe(10_000)
      }
    }, 300)
  })
})
