/** A tree that does not go keeps nobody else waiting. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { FakeClock } from '../src/clock-fake.ts'
import { Sweeper } from '../src/runtime/local/sweeper.ts'
import { poll } from './harness.ts'

test('a tree is looked for at once, though another one is waited for', async () => {
  const clock = new FakeClock()
  const sweeper = new Sweeper(clock)
  const ended: string[] = []
  const straggler = spawn('sleep', ['300'], { env: { ORC_RUN_ID: 'sweeper-first' }, stdio: 'ignore' })
  await once(straggler, 'spawn')
  sweeper.add({ runId: 'sweeper-first' }, () => ended.push('first'))
  // The pass that found it has ended it, and waits; no time passes by itself here.
  await once(straggler, 'exit')
  await poll('the wait', () => clock.timers > 0 || undefined)
  sweeper.add({ runId: 'sweeper-second' }, () => ended.push('second'))
  await poll('both', () => ended.length === 2 || undefined)
  expect(ended).toEqual(['first', 'second'])
  await sweeper.close()
  expect(clock.timers).toBe(0)
})
