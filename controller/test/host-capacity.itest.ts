/** What services may reserve on hosts that are not this one: directories stand in for their cgroups. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readHostCapacity } from '../src/runtime/local/limits/host-capacity.ts'

const MI = 2 ** 20
const NONE = { cpu: { amount: 0 }, memory: { amount: 0 } }
const HOST = { cpuMillis: os.availableParallelism() * 1000, memoryBytes: os.totalmem() }

let dir: string

beforeEach(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), 'orc-capacity-'))
})

afterEach(() => rm(dir, { recursive: true, force: true }))

async function files(texts: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(texts)) {
    await mkdir(path.dirname(path.join(dir, name)), { recursive: true })
    await writeFile(path.join(dir, name), text)
  }
}

const read = (reserves: Parameters<typeof readHostCapacity>[0] = NONE) =>
  readHostCapacity(reserves, path.join(dir, 'proc'))

test('the host itself, where nothing can be read', () => {
  expect(read()).toEqual({ allocatable: HOST, kept: { cpuMillis: 0, memoryBytes: 0 } })
})

test('the tightest cgroup v2 on the way up', async () => {
  await files({
    'proc/mountinfo': `30 23 0:26 / ${dir}/v2 rw - cgroup2 cgroup2 rw\n`,
    'proc/cgroup': '0::/a/b\n',
    'v2/a/cpu.max': '50000 100000\n',
    'v2/a/memory.max': 'max\n',
    'v2/a/b/cpu.max': 'max 100000\n',
    'v2/a/b/memory.max': String(64 * MI),
  })
  expect(read().allocatable).toEqual({ cpuMillis: 500, memoryBytes: 64 * MI })
})

test('a container, which sees its own cgroup as the root', async () => {
  await files({
    'proc/mountinfo': `30 23 0:26 / ${dir}/v2 rw - cgroup2 cgroup2 rw\n`,
    'proc/cgroup': '0::/\n',
    'v2/memory.max': String(32 * MI),
  })
  expect(read().allocatable).toEqual({ ...HOST, memoryBytes: 32 * MI })
})

test('cgroup v1, where no limit is a large number', async () => {
  await files({
    'proc/mountinfo': `30 23 0:26 / ${dir}/memory rw - cgroup cgroup rw,memory\n31 23 0:27 / ${dir}/cpu rw - cgroup cgroup rw,cpu,cpuacct\n`,
    'proc/cgroup': '4:memory:/a\n3:cpu,cpuacct:/a\n',
    'memory/memory.limit_in_bytes': '9223372036854771712\n',
    'memory/a/memory.limit_in_bytes': String(16 * MI),
    'cpu/cpu.cfs_quota_us': '-1\n',
    'cpu/a/cpu.cfs_quota_us': '25000\n',
    'cpu/a/cpu.cfs_period_us': '50000\n',
  })
  expect(read().allocatable).toEqual({ cpuMillis: 500, memoryBytes: 16 * MI })
})

test('what is kept back is a share or an amount, and never more than there is', async () => {
  await files({
    'proc/mountinfo': `30 23 0:26 / ${dir}/v2 rw - cgroup2 cgroup2 rw\n`,
    'proc/cgroup': '0::/\n',
    'v2/memory.max': String(100 * MI),
    'v2/cpu.max': '100000 100000\n',
  })
  expect(read({ cpu: { amount: 0.25 }, memory: { percent: 5 } })).toEqual({
    allocatable: { cpuMillis: 750, memoryBytes: 95 * MI },
    kept: { cpuMillis: 250, memoryBytes: 5 * MI },
  })
  expect(read({ cpu: { amount: 0 }, memory: { amount: 1e15 } }).allocatable.memoryBytes).toBe(0)
})
