import { describe, expect, test } from 'vitest'
import { pod, service } from '../../test/fixtures.ts'
import { isReached, parseGoal } from './goal.ts'

const ready = service('web')
const withUid = (uid: string) => ({ ...pod('web', 0), metadata: { ...pod('web', 0).metadata, uid } })

describe('a goal', () => {
  test.each([
    ['condition=Ready', true],
    ['condition=ready=true', true],
    ['condition=Ready=False', false],
    ['condition=Stalled=False', true],
    ['condition=Unheard', false],
    ['jsonpath={.status.readyReplicas}=1', true],
    ['jsonpath={.status.readyReplicas}=2', false],
    ['jsonpath={.status.conditions[?(@.type=="Ready")].status}=True', true],
    ['jsonpath=status.readyReplicas=1', true],
    ['jsonpath={.status.readyReplicas}', true],
    ['jsonpath={.status.nothing}', false],
    ['create', true],
    ['delete', false],
  ])('%s', (text, isMet) => {
    expect(isReached(parseGoal(text), ready, undefined)).toBe(isMet)
  })

  test('is not met by what was said of an earlier generation', () => {
    const changed = { ...ready, metadata: { ...ready.metadata, generation: 2 } }
    expect(isReached(parseGoal('condition=Ready'), changed, undefined)).toBe(false)
  })

  test('of a deletion is met by nothing, and by another object of the same name', () => {
    const goal = parseGoal('delete')
    expect(isReached(goal, undefined, 'a')).toBe(true)
    expect(isReached(goal, withUid('a'), 'a')).toBe(false)
    expect(isReached(goal, withUid('b'), 'a')).toBe(true)
  })
})
