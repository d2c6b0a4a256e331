import type { AgentServiceSpec, ControllerRevision } from '@orc/schemas'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { NOW_MS, revision, service } from '../../test/fixtures.ts'
import { colorsOf } from '../printers/colors.ts'
import { chooseTarget, formatHistory } from './history.ts'

const golden = (name: string): string => path.join(import.meta.dirname, '../../test/golden', name)
const colors = colorsOf({ stdout: process.stdout, env: { NO_COLOR: '1' } })
const declares = (spec: object): ReturnType<typeof service> => service('web', { spec: spec as AgentServiceSpec })
const ran = (number: number, spec: object, orc: Partial<ControllerRevision['orc']> = {}): ControllerRevision => ({
  ...revision(number, orc),
  data: { spec },
})

const V1 = { command: ['a'], env: [{ name: 'V', value: '1' }], args: [] }
const V2 = { command: ['a'], env: [{ name: 'V', value: '2' }], args: ['x'] }
const V3 = { command: ['b'], env: [{ name: 'V', value: '2' }], args: ['x'] }

test('history says what each revision changed', async () => {
  const message = 'The process exited with code 3 after 1 s.'
  const revisions = [
    ran(1, V1),
    ran(2, V2),
    ran(3, V3, { state: 'Rejected', message }),
    ran(4, V1, { state: 'InForce' }),
  ]
  await expect(formatHistory(revisions, NOW_MS, colors)).toMatchFileSnapshot(golden('rollout-history.txt'))
})

describe('undo', () => {
  const choose = (spec: object, revisions: ControllerRevision[], wanted?: number): number =>
    chooseTarget(declares(spec), revisions, wanted).revision

  test('goes one back', () => {
    expect(choose(V3, [ran(1, V1), ran(2, V2), ran(3, V3, { state: 'InForce' })])).toBe(2)
  })

  test('goes to what runs where another one is declared', () => {
    // Rolled back; the old one was never replaced, so it is not the newest.
    expect(choose(V2, [ran(1, V1, { state: 'InForce' }), ran(2, V2, { state: 'Rejected' })])).toBe(1)
    // Declared, and not begun: stopped or paused.
    expect(choose(V3, [ran(1, V1), ran(2, V2, { state: 'InForce' })])).toBe(2)
    expect(choose(V3, [ran(1, V1), ran(2, V2)])).toBe(2)
  })

  test('prefers what worked to what was never complete', () => {
    expect(choose(V3, [ran(1, V1), ran(2, V2, { state: 'New' }), ran(3, V3, { state: 'InForce' })])).toBe(1)
    expect(choose(V3, [ran(2, V2, { state: 'New' }), ran(3, V3, { state: 'InForce' })])).toBe(2)
  })

  test('passes over what failed, unless it is asked for', () => {
    const revisions = [ran(1, V1), ran(2, V2, { state: 'Rejected' }), ran(3, V3, { state: 'InForce' })]
    expect(choose(V3, revisions)).toBe(1)
    expect(choose(V3, revisions, 2)).toBe(2)
  })

  test('says when there is nothing to return to', () => {
    expect(() => choose(V1, [])).toThrow('no rollout history found for agentservice "web"')
    expect(() => choose(V1, [ran(1, V1)])).toThrow('no last revision to roll back to of agentservice "web"')
    expect(() => choose(V1, [ran(1, V1)], 7)).toThrow('unable to find specified revision 7 in history')
  })
})
