// An agent that works for a moment, fails with the exit code it was told, and says why in its last line.
import { setTimeout as sleep } from 'node:timers/promises'

const MAX_WORK_SECONDS = 3_600

const log = (level, msg, fields = {}) =>
  console.log(JSON.stringify({ time: new Date().toISOString(), level, msg, ...fields }))

/** Reads a number from the environment; a wrong one ends the agent with one line and exit code 2. */
function readNumber(name, fallback, { min, max, pattern, what }) {
  const text = process.env[name] || fallback
  const value = Number(text)
  if (pattern.test(text) && value >= min && value <= max) return value
  console.error(`crash-loop: ${name} must be ${what}, not "${text}"`)
  process.exit(2)
}

const exitCode = readNumber('CRASH_EXIT_CODE', '7', {
  min: 1,
  max: 255,
  pattern: /^\d+$/,
  what: 'a whole number from 1 to 255',
})
const workSeconds = readNumber('WORK_SECONDS', '3', {
  min: 0,
  max: MAX_WORK_SECONDS,
  pattern: /^\d+(\.\d+)?$/,
  what: `a number of seconds from 0 to ${MAX_WORK_SECONDS}`,
})

function stop(signal) {
  log('info', 'stopped before the failure', { signal })
  process.exit(0)
}

process.on('SIGTERM', stop)
process.on('SIGINT', stop)

log('info', 'started', { pid: process.pid, workSeconds, exitCode })
for (const step of [1, 2, 3]) {
  await sleep((workSeconds * 1000) / 3)
  log('warn', 'model call failed', { attempt: step, error: 'the pretend model backend refused the connection' })
}
// Plain words on stderr, as from a program that dies: orc shows the last line of a failed run as its reason.
console.error(`giving up after 3 refused model calls: exit code ${exitCode}, as CRASH_EXIT_CODE asks`)
process.exitCode = exitCode
// Nothing is left to wait for, so the process ends here, after its last line is written.
