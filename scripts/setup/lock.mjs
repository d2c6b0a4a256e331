// Lets one process at a time set up a checkout, and gives the lock of a process that died to exactly one waiter.
//
// The lock is the highest-numbered file of its directory: `lock.7` names the process that holds it or says `free`.
// Taking it means creating the next number, which the file system grants to one process only, and the highest file
// is never removed. With a single file that is removed and made again, two waiters could both see a dead holder, and
// the slower one would remove the lock that the faster one has just taken.
import { linkSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const free = 'free'
const pollMs = 100

/** Runs `work` while holding the lock of `directory`. `onWait(pid)` is called once if another process holds it. */
export async function withLock(directory, work, { onWait = () => {} } = {}) {
  mkdirSync(directory, { recursive: true })
  const lock = await acquire(directory, onWait)
  try {
    return await work()
  } finally {
    writeFileSync(lock, free)
  }
}

async function acquire(directory, onWait) {
  for (let said = false; ; await sleep(pollMs)) {
    const attempt = tryAcquire(directory)
    if (attempt.file !== undefined) return attempt.file
    if (attempt.heldBy !== undefined && !said) {
      onWait(attempt.heldBy)
      said = true
    }
  }
}

function tryAcquire(directory) {
  const highest = highestNumber(directory)
  const heldBy = highest === 0 ? undefined : livingHolder(lockFile(directory, highest))
  if (heldBy !== undefined) return { heldBy }

  const mine = lockFile(directory, highest + 1)
  if (!createWhole(mine, holderLine())) return {}
  if (highestNumber(directory) > highest + 1) {
    // We looked, slept, and the lock went on without us: our number is of the past.
    rmSync(mine)
    return {}
  }
  for (const number of numbers(directory)) if (number <= highest) rmSync(lockFile(directory, number), { force: true })
  return { file: mine }
}

/** Creates a file that is never seen half-written. False if there is one already. */
function createWhole(file, content) {
  const draft = `${file}.draft-${process.pid}`
  writeFileSync(draft, content)
  try {
    linkSync(draft, file)
    return true
  } catch (error) {
    if (error.code === 'EEXIST') return false
    throw error
  } finally {
    rmSync(draft, { force: true })
  }
}

function livingHolder(file) {
  const [pid, startTime] = read(file).split(' ')
  if (!/^\d+$/.test(pid)) return undefined
  return isAlive(Number(pid)) && startTimeOf(pid) === startTime ? Number(pid) : undefined
}

function holderLine() {
  return `${process.pid} ${startTimeOf(process.pid)}`
}

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

/** Tells a process from a later one with the same pid. Empty where there is no /proc: then the pid must do. */
function startTimeOf(pid) {
  const stat = read(`/proc/${pid}/stat`)
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
}

function read(file) {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

const lockFile = (directory, number) => path.join(directory, `lock.${number}`)
const highestNumber = (directory) => Math.max(0, ...numbers(directory))

function numbers(directory) {
  return readdirSync(directory).flatMap((name) => {
    const match = /^lock\.(\d+)$/.exec(name)
    return match ? [Number(match[1])] : []
  })
}
