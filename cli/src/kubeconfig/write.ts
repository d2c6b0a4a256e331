/** Changes a kubeconfig on disk as kubectl does: under its lock, and never half. */
import { mkdir, open, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { Failure } from '../failure.ts'
import { sleep } from '../output.ts'

const LOCK_TRIES = 20
const LOCK_POLL_MS = 100

/** A file that is not there is made, for its owner alone. Mode and place of one that is there stay. */
export async function changeFile(file: string, change: (text: string) => string): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 })
  const target = await realpath(file).catch(() => file)
  const unlock = await lock(target)
  try {
    const before = await readFile(target, 'utf8').catch(emptyWhenMissing)
    const after = change(before)
    if (after === before) return
    const mode = await stat(target).then(
      (info) => info.mode & 0o777,
      () => 0o600,
    )
    const temporary = `${target}.${String(process.pid)}.tmp`
    await writeFile(temporary, after, { mode })
    await rename(temporary, target)
  } finally {
    await unlock()
  }
}

function emptyWhenMissing(error: unknown): string {
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
  throw error
}

/** `kubectl config` waits for the same file. */
async function lock(target: string): Promise<() => Promise<void>> {
  const file = `${target}.lock`
  for (let tries = 1; ; tries += 1)
    try {
      await (await open(file, 'wx', 0o600)).close()
      return () => rm(file, { force: true })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      if (tries === LOCK_TRIES)
        throw new Failure(`another program is changing ${target}; if none is, remove ${file}`, { cause: error })
      await sleep(LOCK_POLL_MS)
    }
}
