/** A process that got the pid of a dead run is nobody's to signal, and the run is not taken for alive. */
import { execFile, spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const DAEMON = path.resolve(import.meta.dirname, '../../cli/dist/orcd.js')
const SCRIPT = path.join(import.meta.dirname, 'fixtures/reused-pid.mjs')
/** A pid namespace of our own, in which the next pid can be chosen; as another user in a user namespace of our own. */
const UNSHARE = [
  'unshare',
  ...(process.getuid?.() === 0 ? [] : ['--user', '--map-root-user']),
  ...['--pid', '--fork', '--mount-proc', '--kill-child'],
]

const [unshare = '', ...unshareArgs] = UNSHARE
const isPossible = spawnSync(unshare, [...unshareArgs, 'test', '-w', '/proc/sys/kernel/ns_last_pid']).status === 0

test.skipIf(!isPossible)(
  `a decoy with the pid of a dead run lives${isPossible ? '' : ' (needs a pid namespace, and none can be made here)'}`,
  async () => {
    const dir = await mkdtemp(path.join(os.tmpdir(), 'orc-reused-'))
    try {
      await mkdir(path.join(dir, 'manifests'))
      await writeFile(
        path.join(dir, 'manifests/victim.yaml'),
        'apiVersion: orc.dev/v1alpha1\nkind: AgentService\nmetadata: {name: victim}\nspec:\n  command: [sleep, "300"]\n',
      )
      const init = ['sh', '-c', '"$@" & wait $!', 'init', process.execPath, SCRIPT, DAEMON, dir]
      const { stdout } = await promisify(execFile)(unshare, [...unshareArgs, ...init], { timeout: 50_000 })
      const { pid, decoy, decoyLives, next, final } = JSON.parse(stdout) as {
        pid: number
        decoy: number
        decoyLives: boolean
        next: number
        final: unknown
      }
      expect(decoy).toBe(pid)
      expect(decoyLives).toBe(true)
      expect(next).not.toBe(pid)
      expect(final).toMatchObject({ exitCode: -1, reason: 'ExitCodeUnknown' })
    } finally {
      await rm(dir, { recursive: true, force: true })
    }
  },
)
