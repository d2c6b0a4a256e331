/** Stops the process group of a run for a moment. Killed in between, `<log>.paused` tells the next controller. */
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { readStat, type ProcessIdentity } from '../identity.ts'
import { signalTree } from '../tree.ts'
import type { PauseWriter } from './pause-mover.ts'

/** A process stops when it comes back from the kernel. */
const LOOKS = 200

/** `mainOf`: the main process of the run that writes a log; undefined when nobody knows it. */
export function pauseGroup(mainOf: (logPath: string) => ProcessIdentity | undefined): PauseWriter {
  return async (logPath, action) => {
    const main = mainOf(logPath)
    if (main === undefined) return false
    const members = readdirSync('/proc')
      .map(Number)
      .filter((pid) => pid > 0 && readStat(pid)?.group === main.pid)
    const isStill = (): boolean => members.every((pid) => ['T', 'Z', 'X', undefined].includes(readStat(pid)?.state))
    // Somebody else stopped it, who will let it go on.
    const wasStill = isStill()
    if (!wasStill) {
      writeFileSync(pausedPath(logPath), '', { mode: 0o600 })
      signalTree(main, 'SIGSTOP')
    }
    try {
      for (let look = 0; look < LOOKS; look += 1) {
        if (isStill()) {
          action()
          return true
        }
        await new Promise((resolve) => setImmediate(resolve))
      }
      return false
    } finally {
      if (!wasStill) goOn(logPath, main)
    }
  }
}

/** Lets a group go on that an earlier controller paused. */
export function endPause(logPath: string, main: ProcessIdentity): void {
  if (existsSync(pausedPath(logPath))) goOn(logPath, main)
}

function goOn(logPath: string, main: ProcessIdentity): void {
  signalTree(main, 'SIGCONT')
  rmSync(pausedPath(logPath), { force: true })
}

function pausedPath(logPath: string): string {
  return `${logPath}.paused`
}
