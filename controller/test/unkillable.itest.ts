/** A process that not even SIGKILL ends: orc says so, starts no second copy, and goes on when it is gone. */
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { findCondition, RESOURCES, type AgentService, type Pod } from '@orc/schemas'
import { afterEach, expect, test } from 'vitest'
import { processesWith, startOrc, type Orc } from './harness.ts'

/** The freezer of cgroup v1 holds a process as a disk that does not answer would (state D). */
const FREEZER = '/sys/fs/cgroup/freezer'
const cgroup = path.join(FREEZER, `orc-test-${String(process.pid)}`)
const isPossible = existsSync(path.join(FREEZER, 'tasks')) && canMakeCgroup()

function canMakeCgroup(): boolean {
  try {
    mkdirSync(cgroup)
    rmdirSync(cgroup)
    return true
  } catch {
    return false
  }
}

let orc: Orc | undefined

afterEach(async () => {
  if (existsSync(cgroup)) thaw()
  await orc?.stop()
  if (existsSync(cgroup)) rmdirSync(cgroup)
})

function freeze(pid: number): void {
  mkdirSync(cgroup)
  writeFileSync(path.join(cgroup, 'tasks'), String(pid))
  writeFileSync(path.join(cgroup, 'freezer.state'), 'FROZEN')
}

/** Out of the cgroup first, because one with members cannot be removed. */
function thaw(): void {
  writeFileSync(path.join(cgroup, 'freezer.state'), 'THAWED')
  for (const pid of readFileSync(path.join(cgroup, 'tasks'), 'utf8').trim().split('\n'))
    if (pid !== '' && existsSync(`/proc/${pid}`)) {
      try {
        writeFileSync(path.join(FREEZER, 'tasks'), pid)
      } catch {
        // It ended meanwhile.
      }
    }
}

test.skipIf(!isPossible)(
  `a frozen process is Unkillable, has no second copy, and is replaced once it is gone${isPossible ? '' : ' (needs the freezer of cgroup v1)'}`,
  async () => {
    const manifest = (text: string): string =>
      `apiVersion: orc.dev/v1alpha1\nkind: AgentService\nmetadata: {name: a}\nspec:\n  command: [sleep, "${text}"]\n  terminationGracePeriodSeconds: 1\n`
    const { client, waitFor, manifestsDir } = (orc = await startOrc({ manifests: { 'a.yaml': manifest('300') } }))
    const podNow = async (): Promise<Pod | undefined> => {
      const { items } = await client.list<Pod>(RESOURCES.pods, { namespace: 'default' })
      return items[0]
    }
    const pid = await waitFor('a pid', async () => (await podNow())?.status.orc.pid)
    const runId = (await podNow())?.status.containerStatuses[0].containerID.replace('orc://', '') ?? ''
    freeze(pid)
    writeFileSync(path.join(manifestsDir, 'a.yaml'), manifest('301'))
    const stalled = await waitFor(
      'the condition',
      async () => {
        const service = await client.get<AgentService>(RESOURCES.agentservices, 'a', 'default')
        return findCondition(service.status?.conditions, 'Stalled')?.reason === 'Unkillable' ? service : undefined
      },
      25_000,
    )
    expect(findCondition(stalled.status?.conditions, 'Ready')?.message).toMatch(
      /does not end though SIGKILL was sent .* no second copy/,
    )
    expect((await podNow())?.status.orc.pid).toBe(pid)
    expect(processesWith(new Set([runId]))).toEqual([pid])
    thaw()
    const next = await waitFor('the next process', async () => {
      const now = (await podNow())?.status.orc.pid
      return now === pid ? undefined : now
    })
    expect(existsSync(`/proc/${String(pid)}`)).toBe(false)
    expect(next).toBeGreaterThan(0)
  },
)
