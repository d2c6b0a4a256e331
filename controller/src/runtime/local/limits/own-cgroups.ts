/** Where cgroups are mounted, and which ones this process is in. */
import { readFileSync } from 'node:fs'
import path from 'node:path'

/** v1 says "no limit" by a number near 2^63. */
export const NO_LIMIT_BYTES = 2 ** 62

interface Mount {
  /** The part of the hierarchy that is mounted. */
  readonly root: string
  readonly point: string
  readonly isV2: boolean
  readonly options: readonly string[]
}

export function ownDirectory({ root, point }: Mount, own = '/'): string {
  const relative = path.relative(root, own)
  return relative.startsWith('..') ? point : path.join(point, relative)
}

export function readMounts(file: string): readonly Mount[] {
  return lines(file).flatMap((line) => {
    const [before = '', after = ''] = line.split(' - ')
    const [, , , root = '/', point = ''] = before.split(' ')
    const [type, , options = ''] = after.split(' ')
    return type === 'cgroup' || type === 'cgroup2'
      ? [{ root, point, isV2: type === 'cgroup2', options: options.split(',') }]
      : []
  })
}

/** Our own cgroup by controller; '' = v2. */
export function readOwn(file: string): ReadonlyMap<string, string> {
  return new Map(
    lines(file).flatMap((line) => {
      const [, , controllers = '', own = '/'] = /^(\d+):([^:]*):(.*)$/.exec(line) ?? []
      return controllers.split(',').map((controller) => [controller, own] as const)
    }),
  )
}

export function words(file: string): readonly string[] {
  return lines(file).flatMap((line) => line.split(' '))
}

/** None when it cannot be read. */
function lines(file: string): readonly string[] {
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
  } catch {
    return []
  }
}
