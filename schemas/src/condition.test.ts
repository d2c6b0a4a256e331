import { expect, test } from 'vitest'
import { mergeConditions } from './condition.ts'

test('the time of a condition moves with its status, not with its reason or message', () => {
  const judge = (status: 'True' | 'False', message: string) => [
    { type: 'Ready', status, reason: 'Ready', message } as const,
  ]
  const first = mergeConditions([], judge('False', 'one'), { generation: 1, time: 't1' })
  const second = mergeConditions(first, judge('False', 'two'), { generation: 2, time: 't2' })
  const third = mergeConditions(second, judge('True', 'three'), { generation: 2, time: 't3' })
  expect([first, second, third].map(([condition]) => condition?.lastTransitionTime)).toEqual(['t1', 't1', 't3'])
  expect(second[0]).toMatchObject({ message: 'two', observedGeneration: 2 })
})
