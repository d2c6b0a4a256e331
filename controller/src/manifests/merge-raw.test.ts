import { expect, test } from 'vitest'
import { mergeRaw } from './merge-raw.ts'

test('only what differs reaches the user’s words', () => {
  const raw = { spec: { replicas: 2, env: [{ name: 'A', value: '1' }] } }
  const before = { spec: { replicas: 2, restartPolicy: 'Always', env: [{ name: 'A', value: '1' }], args: [] } }
  const after = {
    spec: {
      replicas: 3,
      restartPolicy: 'Always',
      env: [
        { name: 'A', value: '1' },
        { name: 'B', value: '2' },
      ],
      args: [],
    },
  }
  expect(mergeRaw(raw, before, after)).toEqual({
    spec: {
      replicas: 3,
      env: [
        { name: 'A', value: '1' },
        { name: 'B', value: '2' },
      ],
    },
  })
})

test('an equal object leaves them the same', () => {
  const raw = { b: 1, a: [1] }
  expect(mergeRaw(raw, { a: [1], b: 1, c: 0 }, { a: [1], b: 1, c: 0 })).toBe(raw)
})

test('a default that is set to something else is written, and one set back is not removed', () => {
  expect(mergeRaw({}, { mode: 'Running' }, { mode: 'Stopped' })).toEqual({ mode: 'Stopped' })
  expect(mergeRaw({ mode: 'Stopped' }, { mode: 'Stopped' }, { mode: 'Running' })).toEqual({ mode: 'Running' })
})

test('a map of defaults comes with what was set in it, and nothing else', () => {
  const before = { strategy: { type: 'RollingUpdate', surge: 0 } }
  expect(mergeRaw({}, before, { strategy: { type: 'RollingUpdate', surge: 0, paused: true } })).toEqual({
    strategy: { paused: true },
  })
  expect(mergeRaw({}, {}, { strategy: { type: 'Recreate' } })).toEqual({ strategy: { type: 'Recreate' } })
})

test('what is gone is removed; what the file says and the object never had stays', () => {
  expect(mergeRaw({ a: 1, status: 'x' }, { a: 1 }, {})).toEqual({ status: 'x' })
})

test('items of named lists are matched by name, not by place', () => {
  const raw = [
    { name: 'a', port: 1 },
    { name: 'b', port: 2 },
  ]
  expect(mergeRaw(raw, raw, [{ name: 'b', port: 3 }])).toEqual([{ name: 'b', port: 3 }])
})
