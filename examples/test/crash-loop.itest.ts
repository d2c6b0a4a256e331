/** The crashing agent crashes as told, says why in its last line, and still stops politely before that. */
import path from 'node:path'
import { expect, test } from 'vitest'
import { EXAMPLES, startAgent, type Agent } from './support/agent.ts'

const start = (env: Record<string, string>): Agent =>
  startAgent({ command: ['node', 'agent.mjs'], workingDir: path.join(EXAMPLES, 'crash-loop'), env })

test.each([1, 7, 255])('works, then fails with exit code %i and says why in the last line', async (exitCode) => {
  const agent = start({ WORK_SECONDS: '0.05', CRASH_EXIT_CODE: String(exitCode) })
  expect(await agent.exited).toMatchObject({ code: exitCode, signal: null })
  const lines = agent.lines()
  expect(lines[0]).toMatchObject({ msg: 'started', pid: agent.pid, exitCode })
  expect(lines.at(-1)).toMatchObject({ level: 'warn', msg: 'model call failed', attempt: 3 })
  expect(agent.stderr()).toBe(`giving up after 3 refused model calls: exit code ${exitCode}, as CRASH_EXIT_CODE asks\n`)
})

test('fails with 7 when it is told nothing', async () => {
  const agent = start({ WORK_SECONDS: '0', CRASH_EXIT_CODE: '' })
  expect(await agent.exited).toMatchObject({ code: 7 })
})

test('exits 0 on SIGTERM while it works', async () => {
  const agent = start({ WORK_SECONDS: '600' })
  await agent.waitForLine('started')
  expect(await agent.kill('SIGTERM')).toMatchObject({ code: 0, signal: null })
  expect(agent.lines().at(-1)).toMatchObject({ msg: 'stopped before the failure', signal: 'SIGTERM' })
})

test.each([
  { CRASH_EXIT_CODE: '0' },
  { CRASH_EXIT_CODE: '256' },
  { CRASH_EXIT_CODE: '7.5' },
  { WORK_SECONDS: 'long' },
  { WORK_SECONDS: '-1' },
])('refuses %o in one line and with exit code 2', async (env) => {
  const agent = start(env)
  const [[name, value] = []] = Object.entries(env)
  expect(await agent.exited).toMatchObject({ code: 2 })
  expect(agent.stderr()).toMatch(new RegExp(`^crash-loop: ${name} must be [^\n]+, not "${value}"\n$`))
  expect(agent.stdout()).toBe('')
})
