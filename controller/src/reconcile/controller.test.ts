import { describe, expect, test } from 'vitest'
import { FakeClock } from '../clock-fake.ts'
import { ExponentialLimiter } from '../queue/rate-limiter.ts'
import { WorkQueue } from '../queue/work-queue.ts'
import { Controller, TerminalError, type Result } from './controller.ts'

async function turns(n = 20): Promise<void> {
  for (let i = 0; i < n; i++) await new Promise<void>((resolve) => setImmediate(resolve))
}

type Pass = (key: string, signal: AbortSignal) => Promise<Result>

function start(reconcile: Pass, workers?: number) {
  const clock = new FakeClock()
  const queue = new WorkQueue(clock, new ExponentialLimiter({ initialMs: 10, maxMs: 1000 }))
  const passes: string[] = []
  const errors: [string, unknown, number][] = []
  const controller = new Controller({
    name: 'test',
    queue,
    reconciler: {
      reconcile: (key, signal) => {
        passes.push(key)
        return reconcile(key, signal)
      },
    },
    ...(workers !== undefined && { workers }),
    onError: (key, error, retries) => errors.push([key, error, retries]),
  })
  controller.start()
  return { clock, queue, passes, errors, controller }
}

/** A pass that ends when the test says so. */
function gate() {
  const opens: (() => void)[] = []
  return { pass: () => new Promise<Result>((resolve) => opens.push(() => resolve({}))), open: () => opens.shift()?.() }
}

test('works on each key that is added, and on no other', async () => {
  const { queue, passes, errors } = start(async () => ({}))
  queue.add('a')
  queue.add('b')
  await turns()
  expect(passes).toEqual(['a', 'b'])
  queue.add('a')
  await turns()
  expect(passes).toEqual(['a', 'b', 'a'])
  expect(errors).toEqual([])
})

test('comes back after requeueAfterMs, and not without', async () => {
  const { clock, queue, passes } = start(async (key) => (key === 'again' ? { requeueAfterMs: 100 } : {}))
  queue.add('again')
  queue.add('once')
  await turns()
  clock.advance(99)
  await turns()
  expect(passes).toEqual(['again', 'once'])
  clock.advance(1)
  await turns()
  expect(passes).toEqual(['again', 'once', 'again'])
})

test('a failed pass is told and tried again with growing waits; success clears them', async () => {
  let failing = true
  const { clock, queue, passes, errors } = start(async () => {
    if (failing) throw new Error('no')
    return {}
  })
  queue.add('a')
  await turns()
  for (const ms of [10, 20, 40]) {
    clock.advance(ms - 1)
    await turns()
    const before = passes.length
    clock.advance(1)
    await turns()
    expect(passes.length).toBe(before + 1)
  }
  expect(errors.map(([key, , retries]) => [key, retries])).toEqual([0, 1, 2, 3].map((n) => ['a', n]))
  failing = false
  clock.advance(80)
  await turns()
  expect([passes.length, queue.retries('a')]).toEqual([5, 0])
  clock.advance(10_000)
  await turns()
  expect(passes.length).toBe(5)
})

test('a TerminalError is told but not retried, until something adds the key', async () => {
  const cause = new Error('why')
  const { clock, queue, passes, errors } = start(async () => {
    throw new TerminalError('ReferenceNotFound', 'there is no ConfigMap "x"', { cause })
  })
  queue.add('a')
  await turns()
  clock.advance(10_000_000)
  await turns()
  expect(passes).toEqual(['a'])
  expect(errors).toMatchObject([['a', { reason: 'ReferenceNotFound', message: 'there is no ConfigMap "x"', cause }, 0]])
  queue.add('a')
  await turns()
  expect(passes).toEqual(['a', 'a'])
})

describe('workers', () => {
  test('go on after any failure: thrown at once, later, or by onError itself', async () => {
    const queue = new WorkQueue(new FakeClock())
    const passes: string[] = []
    const controller = new Controller({
      name: 'test',
      queue,
      workers: 1,
      reconciler: {
        reconcile: (key) => {
          passes.push(key)
          if (key === 'at once') throw new Error(key)
          return key === 'fine' ? Promise.resolve({}) : Promise.reject(new Error(key))
        },
      },
      onError: () => {
        throw new Error('the log is full')
      },
    })
    controller.start()
    for (const key of ['at once', 'later', 'fine']) queue.add(key)
    await turns()
    expect(passes).toEqual(['at once', 'later', 'fine'])
    expect(await controller.stop()).toEqual([])
  })

  test('are four unless said otherwise, and start once', async () => {
    const { pass, open } = gate()
    const { queue, passes, controller } = start(pass)
    controller.start()
    for (let i = 0; i < 10; i++) queue.add(String(i))
    await turns()
    expect(passes).toEqual(['0', '1', '2', '3'])
    open()
    await turns()
    expect(passes).toEqual(['0', '1', '2', '3', '4'])
  })

  test('never hold one key twice; a change in a pass leads to another one', async () => {
    const { pass, open } = gate()
    const { queue, passes } = start(pass)
    queue.add('a')
    await turns()
    queue.add('a')
    queue.add('a')
    await turns()
    expect(passes).toEqual(['a'])
    open()
    await turns()
    expect(passes).toEqual(['a', 'a'])
    open()
    await turns()
    expect(passes).toEqual(['a', 'a'])
  })

  test('leave turns of the event loop to others while passes do no I/O', async () => {
    const { queue, passes } = start(async () => ({}), 1)
    for (let i = 0; i < 1000; i++) queue.add(String(i))
    await turns(10)
    expect(passes.length).toBeLessThanOrEqual(12)
  })
})

describe('stop', () => {
  test('lets running passes finish and begins none of those that wait', async () => {
    const { pass, open } = gate()
    const { queue, passes, controller } = start(pass, 1)
    queue.add('running')
    queue.add('waiting')
    await turns()
    let left: readonly string[] | undefined
    void controller.stop().then((keys) => (left = keys))
    await turns()
    expect(left).toBeUndefined()
    open()
    await turns()
    expect([left, passes]).toEqual([[], ['running']])
  })

  test('waits no longer than its signal, aborts the passes and names them; their errors are ignored', async () => {
    const aborted: string[] = []
    const untilAborted: Pass = (key, signal) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          aborted.push(key)
          reject(new Error('aborted'))
        })
      })
    const { queue, errors, controller } = start(untilAborted)
    queue.add('a')
    queue.add('b')
    await turns()
    const deadline = new AbortController()
    const stopped = controller.stop(deadline.signal)
    await turns()
    deadline.abort()
    expect(await stopped).toEqual(['a', 'b'])
    await turns()
    expect([aborted, errors]).toEqual([['a', 'b'], []])
  })

  test('ends at once when nothing runs, also before start and with a signal that has aborted', async () => {
    const { controller } = start(async () => ({}))
    expect(await controller.stop(AbortSignal.abort())).toEqual([])
    const queue = new WorkQueue(new FakeClock())
    const idle = new Controller({ name: 'idle', queue, reconciler: { reconcile: async () => ({}) }, onError: () => {} })
    expect(await idle.stop()).toEqual([])
  })
})
