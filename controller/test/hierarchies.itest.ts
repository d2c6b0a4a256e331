/** Where cgroups would be made, and what would be written, on hosts that are not this one: directories stand in for them. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { setLimits } from '../src/runtime/local/limits/cgroup.ts'
import { makeHierarchies } from '../src/runtime/local/limits/hierarchies.ts'

let dir: string

beforeEach(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), 'orc-cgroups-'))
})

afterEach(() => rm(dir, { recursive: true, force: true }))

/** Text by path below the directory. */
async function files(texts: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(texts)) {
    await mkdir(path.dirname(path.join(dir, name)), { recursive: true })
    await writeFile(path.join(dir, name), text)
  }
}

const read = (name: string): Promise<string> => readFile(path.join(dir, name), 'utf8')
const find = (): readonly string[] =>
  makeHierarchies('orc-1', path.join(dir, 'proc')).map((at) => path.relative(dir, at))

describe('cgroup v2', () => {
  const host = (own: string, base: string): Readonly<Record<string, string>> => ({
    'proc/mountinfo': `30 23 0:26 / ${dir}/v2 rw,relatime - cgroup2 cgroup2 rw\n`,
    'proc/cgroup': `0::${own}\n`,
    [`v2${base}/cgroup.controllers`]: 'cpuset cpu io memory pids\n',
    [`v2${base}/cgroup.subtree_control`]: '\n',
    // The kernel makes these with the directory.
    [`v2${base}/orc-1/cgroup.procs`]: '',
    [`v2${base}/orc-1/cgroup.subtree_control`]: 'memory\n',
  })

  test('is divided beside the leaf that orc runs in', async () => {
    await files(host('/system.slice/orc.service/controller', '/system.slice/orc.service'))
    expect(find()).toEqual(['v2/system.slice/orc.service/orc-1'])
    expect(await read('v2/system.slice/orc.service/cgroup.subtree_control')).toBe('+memory +pids +cpu')
    expect(await read('v2/system.slice/orc.service/orc-1/cgroup.subtree_control')).toBe('+pids +cpu')
  })

  test('is left alone without the controller of memory', async () => {
    await files({ ...host('/a/controller', '/a'), 'v2/a/cgroup.controllers': 'hugetlb\n' })
    expect(find()).toEqual([])
    expect(await read('v2/a/cgroup.subtree_control')).toBe('\n')
  })

  test('is left alone where it cannot be divided', async () => {
    await files(host('/a/controller', '/a'))
    await rm(path.join(dir, 'v2/a/cgroup.subtree_control'))
    await mkdir(path.join(dir, 'v2/a/cgroup.subtree_control'))
    expect(find()).toEqual([])
  })

  test('takes limits in its own words', async () => {
    const run = 'run/memory.max run/memory.swap.max run/pids.max run/cpu.max'
    await files(Object.fromEntries(run.split(' ').map((name) => [name, 'max\n'])))
    const all = async (): Promise<string[]> => Promise.all(run.split(' ').map(read))
    expect(setLimits([path.join(dir, 'run')], { memory: 64e6, pids: 9, cpu: 0.5 })).toEqual(['memory', 'cpu', 'pids'])
    expect(await all()).toEqual(['64000000', '0', '9', '50000 100000'])
    expect(setLimits([path.join(dir, 'run')], {})).toEqual([])
    expect(await all()).toEqual(['max', 'max', 'max', 'max 100000'])
  })
})

describe('cgroup v1', () => {
  const host = (own: string): Readonly<Record<string, string>> => ({
    'proc/mountinfo': ['memory', 'pids']
      .map((name) => `3 2 0:2 / ${dir}/${name} rw - cgroup cgroup rw,${name}\n`)
      .join(''),
    'proc/cgroup': `4:memory:${own}\n8:pids:/\n0::/\n`,
    'memory/orc-1/cgroup.procs': '',
    'pids/orc-1/cgroup.procs': '',
    'memory/user/limited/orc-1/cgroup.procs': '',
  })

  test('is used at the top, whatever shell orc was started from', async () => {
    await files({ ...host('/user/shell'), 'memory/user/shell/memory.limit_in_bytes': '9223372036854771712\n' })
    expect(find()).toEqual(['memory/orc-1', 'pids/orc-1'])
  })

  test('is never left upwards from where somebody has limited orc', async () => {
    await files({ ...host('/user/limited/shell'), 'memory/user/limited/memory.limit_in_bytes': '1073741824\n' })
    expect(find()).toEqual(['memory/user/limited/orc-1', 'pids/orc-1'])
  })
})
