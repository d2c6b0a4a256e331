/** What services may reserve: the host, or what a container or a cgroup leaves of it, without what is kept back. Found once. */
import os from 'node:os'
import path from 'node:path'
import type { HostCapacity, Requests } from '../../runtime.ts'
import { NO_LIMIT_BYTES, ownDirectory, readMounts, readOwn, words } from './own-cgroups.ts'

/** Of the whole, or as much as is said: cores, bytes. */
type Reserve = { readonly percent: number } | { readonly amount: number }

export function readHostCapacity(
  reserves: { readonly cpu: Reserve; readonly memory: Reserve },
  procDir = '/proc/self',
): HostCapacity {
  const whole = readWhole(procDir)
  const kept: Requests = {
    cpuMillis: Math.min(whole.cpuMillis, Math.ceil(amountOf(reserves.cpu, whole.cpuMillis / 1000) * 1000)),
    memoryBytes: Math.min(whole.memoryBytes, Math.ceil(amountOf(reserves.memory, whole.memoryBytes))),
  }
  return {
    allocatable: {
      cpuMillis: whole.cpuMillis - kept.cpuMillis,
      memoryBytes: whole.memoryBytes - kept.memoryBytes,
    },
    kept,
  }
}

function amountOf(reserve: Reserve, whole: number): number {
  return 'percent' in reserve ? (whole * reserve.percent) / 100 : reserve.amount
}

function readWhole(procDir: string): Requests {
  return {
    cpuMillis: Math.floor(
      Math.min(os.availableParallelism(), ...ownAndAbove(procDir, 'cpu').map((directory) => coresOf(directory))) * 1000,
    ),
    memoryBytes: Math.min(os.totalmem(), ...ownAndAbove(procDir, 'memory').map((directory) => bytesOf(directory))),
  }
}

/** The cgroup of this process and those around it, as far up as they are mounted. */
function ownAndAbove(procDir: string, controller: 'cpu' | 'memory'): readonly string[] {
  const owns = readOwn(path.join(procDir, 'cgroup'))
  return readMounts(path.join(procDir, 'mountinfo')).flatMap((mount) => {
    if (!mount.isV2 && !mount.options.includes(controller)) return []
    const own = ownDirectory(mount, owns.get(mount.isV2 ? '' : controller))
    const above = path.relative(mount.point, own).split('/')
    return [mount.point, ...above.map((_, index) => path.join(mount.point, ...above.slice(0, index + 1)))]
  })
}

function coresOf(directory: string): number {
  const [quota = 'max', period] = words(path.join(directory, 'cpu.max'))
  if (quota !== 'max') return Number(quota) / Number(period ?? 100_000)
  const quotaV1 = Number(words(path.join(directory, 'cpu.cfs_quota_us'))[0] ?? -1)
  const periodV1 = Number(words(path.join(directory, 'cpu.cfs_period_us'))[0] ?? 100_000)
  return quotaV1 > 0 ? quotaV1 / periodV1 : Infinity
}

function bytesOf(directory: string): number {
  const limits = ['memory.max', 'memory.limit_in_bytes'].map((file) => words(path.join(directory, file))[0] ?? 'max')
  return Math.min(
    ...limits.map((limit) => (limit === 'max' || Number(limit) >= NO_LIMIT_BYTES ? Infinity : Number(limit))),
  )
}
