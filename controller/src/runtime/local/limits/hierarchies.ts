/**
 * Where this process may make cgroups of its own: one directory per hierarchy, below which each run gets one. Found once,
 * at the start. cgroup v2 where it is delegated, else the v1 hierarchies of memory, pids and cpu that can be written.
 */
import { accessSync, constants, mkdirSync, rmdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { NO_LIMIT_BYTES, ownDirectory, readMounts, readOwn, words } from './own-cgroups.ts'

const CONTROLLERS = ['memory', 'pids', 'cpu'] as const
type Controller = (typeof CONTROLLERS)[number]

/** A service manager that delegates its cgroup must have put orc into a leaf of it: inner ones hold no processes. */
const OWN_LEAF = 'controller'

/** Directories named `name`, the one with memory first; none where nothing can be made. */
export function makeHierarchies(name: string, procDir = '/proc/self'): readonly string[] {
  const mounts = readMounts(path.join(procDir, 'mountinfo'))
  const owns = readOwn(path.join(procDir, 'cgroup'))
  const v2 = mounts.find(({ isV2 }) => isV2)
  const unified = v2 === undefined ? undefined : makeV2(ownDirectory(v2, owns.get('')), name)
  if (unified !== undefined) return [unified]
  return CONTROLLERS.flatMap((controller) => {
    const mount = mounts.find(({ isV2, options }) => !isV2 && options.includes(controller))
    if (mount === undefined) return []
    const base = unlimitedAncestor(controller, ownDirectory(mount, owns.get(controller)), mount.point)
    return make(path.join(base, name)) ?? []
  })
}

function makeV2(own: string, name: string): string | undefined {
  const base = path.basename(own) === OWN_LEAF ? path.dirname(own) : own
  const available = words(path.join(base, 'cgroup.controllers'))
  const wanted = CONTROLLERS.filter((controller) => available.includes(controller))
  if (!wanted.includes('memory') || !enable(base, wanted)) return undefined
  const directory = make(path.join(base, name))
  if (directory === undefined || enable(directory, wanted)) return directory
  rmdirSync(directory)
  return undefined
}

/** False where the cgroup is not ours to divide, or holds processes itself. */
function enable(directory: string, controllers: readonly Controller[]): boolean {
  const file = path.join(directory, 'cgroup.subtree_control')
  const missing = controllers.filter((controller) => !words(file).includes(controller))
  try {
    if (missing.length > 0) writeFileSync(file, missing.map((controller) => `+${controller}`).join(' '))
    return true
  } catch {
    return false
  }
}

function make(directory: string): string | undefined {
  try {
    mkdirSync(directory, { recursive: true })
    accessSync(path.join(directory, 'cgroup.procs'), constants.W_OK)
    return directory
  } catch {
    return undefined
  }
}

/**
 * As high as can be without leaving a cgroup that somebody has limited: the place is the same whatever shell orc is
 * started from, and services stay within what was meant for orc and them together.
 */
function unlimitedAncestor(controller: Controller, own: string, top: string): string {
  for (let directory = own; directory !== top && directory.startsWith(top); directory = path.dirname(directory))
    if (isLimited(controller, directory)) return directory
  return top
}

function isLimited(controller: Controller, directory: string): boolean {
  const read = (file: string): string | undefined => words(path.join(directory, file))[0]
  switch (controller) {
    case 'memory':
      return Number(read('memory.limit_in_bytes') ?? Infinity) < NO_LIMIT_BYTES
    case 'pids':
      return (read('pids.max') ?? 'max') !== 'max'
    case 'cpu':
      return (read('cpu.cfs_quota_us') ?? '-1') !== '-1'
  }
}
