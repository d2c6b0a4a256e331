// Sees to it that a test run leaves no process behind: what is left is named, counted as a failure, and ended.
//
// Every process that a test starts inherits ORC_TEST_SUITE. orc itself passes no environment on to services beyond
// its allow-list, so services are checked by the tests that start them.
import { randomUUID } from 'node:crypto'
import { readFileSync, readdirSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** Where the reporter, which is loaded apart, finds the processes that were left. */
export const leftoversKey = Symbol.for('orc.test.leftovers')

const patienceMs = 3_000
const pollMs = 100

export function setup(): void {
  process.env['ORC_TEST_SUITE'] ??= randomUUID()
  // Teardown is not reached when a signal ends the run, and vitest then leaves even its own workers.
  process.once('exit', () => processesWith(marker()).forEach(end))
}

export async function teardown(): Promise<void> {
  const deadline = performance.now() + patienceMs
  let left = strangers()
  while (left.length > 0 && performance.now() < deadline) {
    await sleep(pollMs)
    left = strangers()
  }
  Reflect.set(globalThis, leftoversKey, left.map(describe))
  for (const pid of left) end(pid)
}

function strangers(): number[] {
  return processesWith(marker()).filter((pid) => !isTestWorker(pid))
}

function marker(): string {
  return `ORC_TEST_SUITE=${process.env['ORC_TEST_SUITE'] ?? ''}`
}

/** Zombies have an empty environment, and those of other users an unreadable one: neither counts. */
function processesWith(entry: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid && read(`/proc/${pid}/environ`).split('\0').includes(entry))
}

/** vitest's own workers live a little longer than the tests, and are its to end. */
function isTestWorker(pid: number): boolean {
  const stat = read(`/proc/${pid}/stat`)
  const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
  return parent === process.pid && read(`/proc/${pid}/cmdline`).includes('/vitest/dist/workers/')
}

function describe(pid: number): string {
  return `pid ${pid}: ${read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim()}`
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It ended by itself just now.
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
