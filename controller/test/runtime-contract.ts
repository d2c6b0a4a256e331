/** What every runtime promises, as tests that run on each of them: the contract of src/runtime/runtime.ts. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ObservedRun, RunOrder, RunRef, Runtime, ServiceRef, SlotRef } from '../src/runtime/runtime.ts'
import { poll } from './harness.ts'

/** A world with one runtime, in which a test decides what processes do. */
export interface RuntimeWorld {
  /** The one that watches now. */
  readonly runtime: Runtime
  /** What a process is started as that lives until `exit`. */
  readonly command: readonly string[]
  /** The same, but it does not hear SIGTERM. */
  deafCommand(): readonly string[]
  /** A process takes a moment to close its ears. */
  isDeaf(pid: number): boolean
  /** It hears SIGHUP, which ends the others. */
  hearingCommand(): readonly string[]
  /** One that is refused before there is a process. */
  impossibleCommand(): readonly string[]
  /** Helps a run that was ordered past the gate, where that takes help. */
  claim(ref: RunRef): void
  /** Lets the process of a run end by itself. */
  exit(ref: RunRef, exitCode: number): void
  /** The controller is killed and another one takes over. */
  takeOver(): Promise<void>
  close(): Promise<void>
}

export const SLOT: SlotRef = {
  namespace: 'default',
  name: 'worker',
  uid: '3f2a9c1e-0000-4000-8000-000000000000',
  ordinal: 0,
}

export function runtimeContract(name: string, makeWorld: () => Promise<RuntimeWorld>): void {
  describe(`${name}: a runtime`, () => {
    let world: RuntimeWorld
    let hints: ServiceRef[]

    beforeEach(async () => {
      world = await makeWorld()
      hints = []
      world.runtime.onHint((service) => hints.push(service))
    })

    afterEach(async () => {
      for (const run of runsOf(SLOT)) {
        world.runtime.stop(run.ref, { reason: 'Stopped', signal: 'SIGKILL', graceMs: 0 })
        world.runtime.kill(run.ref)
        await phase(run.ref, 'Ended')
      }
      await world.close()
    })

    const order = (more: Partial<RunOrder> = {}): RunOrder => ({
      slot: SLOT,
      incarnation: 1,
      restartCount: 0,
      failures: 0,
      revision: 'r1',
      restartedAt: '',
      command: world.command,
      workingDir: '/',
      env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', SECRET: 'canary' },
      ports: [],
      stopSignal: 'SIGTERM',
      graceMs: 5000,
      ...more,
    })

    function runsOf(service: ServiceRef): readonly ObservedRun[] {
      return world.runtime.observe(service).flatMap(({ runs }) => runs)
    }

    const find = (ref: RunRef): ObservedRun | undefined => runsOf(ref).find((run) => run.ref.seq === ref.seq)

    function phase(ref: RunRef, wanted: ObservedRun['phase']): Promise<ObservedRun> {
      return poll(
        `run ${String(ref.seq)} to be ${wanted}`,
        () => {
          const run = find(ref)
          return run?.phase === wanted ? run : undefined
        },
        10_000,
        () => JSON.stringify(runsOf(ref), null, 1),
      )
    }

    async function start(more: Partial<RunOrder> = {}): Promise<RunRef> {
      const result = await world.runtime.start(order(more))
      if (!result.ok) throw new Error(result.message)
      return result.ref
    }

    async function running(more: Partial<RunOrder> = {}): Promise<RunRef> {
      const ref = await start(more)
      world.claim(ref)
      await phase(ref, 'Running')
      return ref
    }

    async function deaf(): Promise<RunRef> {
      const ref = await running({ command: world.deafCommand() })
      await poll('a process that hears nothing', () => world.isDeaf(find(ref)?.pid ?? 0) || undefined)
      return ref
    }

    async function ended(exitCode = 0): Promise<RunRef> {
      const ref = await running()
      world.exit(ref, exitCode)
      await phase(ref, 'Ended')
      return ref
    }

    test('takes a run from its order to its end, and tells of each step', async () => {
      const ref = await start()
      expect(find(ref)?.record).toMatchObject({ slot: SLOT, revision: 'r1', command: world.command, graceMs: 5000 })
      world.claim(ref)
      const live = await phase(ref, 'Running')
      expect(live.pid).toBeGreaterThan(0)
      expect(live.end).toBeUndefined()
      hints = []
      world.exit(ref, 7)
      const over = await phase(ref, 'Ended')
      expect(over.end).toMatchObject({ exitCode: 7, reason: 'Exited' })
      expect(over.end?.signal).toBeUndefined()
      expect(over.end?.lifetimeMs).toBeGreaterThanOrEqual(0)
      expect(hints).toContainEqual(expect.objectContaining({ namespace: 'default', name: 'worker' }))
    })

    test('never keeps a value of the environment', async () => {
      await running()
      expect(JSON.stringify(world.runtime.observe(SLOT))).not.toContain('canary')
    })

    test('refuses a second run beside a live one, and numbers the next one after it', async () => {
      const first = await running()
      await expect(world.runtime.start(order())).rejects.toThrow()
      world.exit(first, 0)
      await phase(first, 'Ended')
      expect((await running()).seq).toBe(first.seq + 1)
    })

    test('leaves nothing behind of a start that is refused', async () => {
      const result = await world.runtime.start(order({ command: world.impossibleCommand() }))
      expect(result).toMatchObject({ ok: false, reason: 'StartFailed' })
      expect(!result.ok && result.message).not.toBe('')
      expect(runsOf(SLOT)).toEqual([])
    })

    test('ends a run that is asked to, and keeps the first reason', async () => {
      const ref = await running()
      world.runtime.stop(ref, { reason: 'SpecChanged', signal: 'SIGTERM', graceMs: 5000 })
      world.runtime.stop(ref, { reason: 'Stopped', signal: 'SIGTERM', graceMs: 1 })
      const { end, stop } = await phase(ref, 'Ended')
      expect(stop).toMatchObject({ reason: 'SpecChanged', graceMs: 5000 })
      expect(end).toMatchObject({ exitCode: 143, signal: 15, reason: 'SpecChanged' })
    })

    test('sends no signal while a stop is held, also over a kill of the controller, and then does', async () => {
      const ref = await running()
      world.runtime.stop(ref, { reason: 'SpecChanged', signal: 'SIGTERM', graceMs: 5000, isHeld: true })
      await world.takeOver()
      const held = await phase(ref, 'Running')
      expect(held.stop).toMatchObject({ reason: 'SpecChanged', isHeld: true })
      world.runtime.stop(ref, { reason: 'Stopped', signal: 'SIGTERM', graceMs: 5000 })
      const { end, stop } = await phase(ref, 'Ended')
      expect(stop).toEqual({ ...held.stop, isHeld: undefined })
      expect(end).toMatchObject({ exitCode: 143, reason: 'SpecChanged' })
    })

    test('has a task beside its replica, and tells them apart', async () => {
      const ref = await running()
      const slot = { ...SLOT, task: 'init-a' }
      const assignment = { target: 'r1', timeoutSeconds: 5 }
      const started = await world.runtime.start(order({ slot, assignment }))
      if (!started.ok) throw new Error(started.message)
      world.claim(started.ref)
      await world.takeOver()
      const tasks = (): readonly ObservedRun[] => world.runtime.observeTasks(SLOT).flatMap(({ runs }) => runs)
      await poll('the task to run', () => tasks().find((run) => run.phase === 'Running'))
      expect(tasks().map((run) => [run.ref, run.record.assignment])).toEqual([[started.ref, assignment]])
      expect(runsOf(SLOT).map((run) => run.ref)).toEqual([ref])
      world.runtime.stop(started.ref, { reason: 'Stopped', signal: 'SIGKILL', graceMs: 0 })
      world.runtime.kill(started.ref)
      await poll('the task to end', () => tasks().find((run) => run.phase === 'Ended'))
      world.runtime.forget(slot)
      expect(tasks()).toEqual([])
      expect(find(ref)?.phase).toBe('Running')
    })

    test('kills what does not listen, but only what was asked before', async () => {
      const ref = await deaf()
      world.runtime.kill(ref)
      world.runtime.stop(ref, { reason: 'Stopped', signal: 'SIGTERM', graceMs: 0 })
      expect(find(ref)?.phase).not.toBe('Ended')
      world.runtime.kill(ref)
      const { end, stop } = await phase(ref, 'Ended')
      expect(end).toMatchObject({ exitCode: 137, signal: 9, reason: 'Stopped' })
      expect(stop?.killedAtMs).toBeGreaterThanOrEqual(stop?.requestedAtMs ?? Infinity)
    })

    test('forgets a slot only when nothing of it lives', async () => {
      const ref = await running()
      world.runtime.forget(SLOT)
      expect(find(ref)?.phase).toBe('Running')
      world.exit(ref, 0)
      await phase(ref, 'Ended')
      world.runtime.forget(SLOT)
      expect(world.runtime.observe(SLOT)).toEqual([])
    })

    test('shows each service its own slots, and the same as long as nothing happens', async () => {
      const ref = await running()
      const other = await running({ slot: { ...SLOT, name: 'other' } })
      expect(world.runtime.observe(SLOT)).toEqual(world.runtime.observe(SLOT))
      expect(runsOf(SLOT).map((run) => run.ref)).toEqual([ref])
      expect(runsOf(other).map((run) => run.ref)).toEqual([other])
      world.exit(other, 0)
      await phase(other, 'Ended')
    })

    test('goes on with the same runs after the controller was killed', async () => {
      const old = await ended(3)
      const ref = await running()
      const before = [find(old), find(ref)]
      await world.takeOver()
      expect(await world.runtime.adopt()).toContainEqual(expect.objectContaining({ name: 'worker' }))
      expect([find(old), find(ref)]).toEqual(before)
      world.exit(ref, 4)
      expect((await phase(ref, 'Ended')).end).toMatchObject({ exitCode: 4, reason: 'Exited' })
    })

    test('keeps the stop of a run over the death of the controller', async () => {
      const ref = await deaf()
      world.runtime.stop(ref, { reason: 'ScaledDown', signal: 'SIGTERM', graceMs: 900 })
      await world.takeOver()
      expect(find(ref)?.stop).toMatchObject({ reason: 'ScaledDown', graceMs: 900 })
      world.runtime.kill(ref)
      expect((await phase(ref, 'Ended')).end).toMatchObject({ reason: 'ScaledDown' })
    })

    test('tells a process once of each content, if it hears, also over the death of the controller', async () => {
      const ref = await running({ command: world.hearingCommand(), configRevision: 'c1' })
      const tell = (revision: string): boolean => world.runtime.signal(ref, 'SIGHUP', revision)
      expect(find(ref)?.told).toBeUndefined()
      await poll('the process to hear', () => tell('c2') || undefined)
      await world.takeOver()
      expect(find(ref)).toMatchObject({ phase: 'Running', told: 'c2' })
      expect(tell('c3')).toBe(true)
      expect(find(ref)?.told).toBe('c3')
      world.runtime.stop(ref, { reason: 'Stopped', signal: 'SIGTERM', graceMs: 5000 })
      expect(tell('c4')).toBe(false)
    })

    test('keeps what was noted of the readiness of a run, as long as it lives', async () => {
      const ref = await running()
      expect(find(ref)?.readySinceMs).toBeUndefined()
      world.runtime.noteReadiness(ref, 1234.5)
      await world.takeOver()
      expect(find(ref)?.readySinceMs).toBe(1234.5)
      world.runtime.noteReadiness(ref, undefined)
      await world.takeOver()
      expect(find(ref)?.readySinceMs).toBeUndefined()
    })

    test('leaves a process alone that the signal would end', async () => {
      const ref = await running()
      expect(world.runtime.signal(ref, 'SIGHUP', 'c2')).toBe(false)
      expect(find(ref)).toMatchObject({ phase: 'Running', isDeaf: true })
      expect(find(ref)?.told).toBeUndefined()
    })

    test('replaces the files of a run that has some, and remembers which', async () => {
      const without = await running({ slot: { ...SLOT, name: 'other' } })
      const files = [{ path: 'a', content: Buffer.from('1'), mode: 0o400 }]
      const ref = await running({ configRevision: 'c1', files })
      expect(find(ref)?.projected).toBe('c1')
      for (const each of [ref, without]) await world.runtime.project(each, { configRevision: 'c2', files })
      await world.takeOver()
      expect(find(ref)?.projected).toBe('c2')
      expect(find(without)?.projected).toBeUndefined()
      expect(find(ref)?.record).not.toHaveProperty('files')
      world.exit(without, 0)
      await phase(without, 'Ended')
    })

    test('keeps the last ten ended runs, oldest first', async () => {
      const refs: RunRef[] = []
      for (let count = 0; count < 12; count += 1) refs.push(await ended())
      await poll('old runs to be gone', () => runsOf(SLOT).length <= 10 || undefined)
      expect(runsOf(SLOT).map(({ ref }) => ref.seq)).toEqual(refs.slice(-10).map(({ seq }) => seq))
    })

    test('does nothing to what it does not know', () => {
      const nobody = { ...SLOT, name: 'nobody', seq: 1 }
      world.runtime.stop(nobody, { reason: 'Stopped', signal: 'SIGTERM', graceMs: 0 })
      world.runtime.kill(nobody)
      world.runtime.forget(nobody)
      expect(world.runtime.signal(nobody, 'SIGHUP', 'c1')).toBe(false)
      expect(world.runtime.observe(nobody)).toEqual([])
    })
  })
}
