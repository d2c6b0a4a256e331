// Brings a checkout from "cloned" or "edited" to "ready to run", and does nothing when it is ready already.
import path from 'node:path'
import { install, isInstalled } from './install.mjs'
import { withLock } from './lock.mjs'
import { setupCache } from './paths.mjs'
import { SetupError, say } from './progress.mjs'
import { allTargets, areBuilt, build } from './targets.mjs'

/** Installs the dependencies if they are not those of the lock file, then builds the targets that are stale. */
export async function setUp(targets = allTargets, { force = false } = {}) {
  if (!force && isInstalled() && areBuilt(targets)) return
  await locked(async () => {
    // Asked again: whoever held the lock before us may have done it all.
    if (!isInstalled()) await install()
    await build(targets, { force })
  })
}

async function locked(work) {
  const onWait = (pid) => say(`waiting for another setup of this checkout (pid ${pid})`, { important: true })
  try {
    await withLock(setupCache, work, { onWait })
  } catch (error) {
    if (!['EACCES', 'EROFS', 'EPERM'].includes(error.code)) throw error
    const directory = path.dirname(error.path ?? setupCache)
    throw new SetupError(`${directory} cannot be written to: run this as the user who owns the checkout.`)
  }
}
