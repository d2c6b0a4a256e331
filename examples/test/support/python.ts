/** Tests that need Python: skipped by name where there is none, and failing there when CI is set. */
import { spawnSync } from 'node:child_process'
import { test } from 'vitest'

const wanted = 'python3 >= 3.9'
const check = spawnSync('python3', ['-c', 'import sys; sys.exit(sys.version_info < (3, 9))'])

export const hasPython = check.status === 0

/** As `test` of vitest. */
export function pythonTest(name: string, run: () => Promise<void> | void): void {
  if (hasPython) test(name, run)
  else if (process.env['CI']) test(name, () => Promise.reject(new Error(`${wanted} is missing, and CI must have it`)))
  else test.skip(`${name} (needs ${wanted})`, run)
}
