/** Whether the kernel lets cgroups be made here, as orc would make them. */
import { rmdirSync } from 'node:fs'
import { makeHierarchies } from '../src/runtime/local/limits/hierarchies.ts'

export const KERNEL_CAN = canMakeCgroups()

/** Gone at once. */
function canMakeCgroups(): boolean {
  const made = makeHierarchies(`orc-test-${String(process.pid)}`)
  for (const directory of made) rmdirSync(directory)
  return made.length > 0
}
