/** Whatever writers do and however slowly watchers read: list, then watch, and the copy equals the cache. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { keyOfObject } from '@orc/schemas'
import type { Cache } from './cache.ts'
import { newCache, thing, turn } from './fixture.ts'
import { Gone, versionOf, type WatchEvent } from './watch-event.ts'
import type { Watch } from './watch.ts'

const namespace = fc.constantFrom('a', 'b')
const key = fc
  .tuple(fc.constantFrom('Pod', 'Node'), namespace, fc.constantFrom('x', 'y', 'z'))
  .map((parts) => parts.join('/'))
const watcher = fc.nat(2)
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('put' as const), key, n: fc.nat(2) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('delete' as const), key }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('read' as const), watcher, count: fc.nat(6) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('reconnect' as const), watcher }) },
)
const scope = fc.record({
  namespace: fc.option(namespace, { nil: undefined }),
  maxPending: fc.integer({ min: 1, max: 8 }),
})

/** A client: it lists, watches, reads slowly, reconnects from what it saw last, and lists again when it must. */
class Client {
  readonly #cache: Cache
  readonly #scope: { readonly namespace: string | undefined; readonly maxPending: number }
  readonly copy = new Map<string, unknown>()
  #seen = 0
  #watch: Watch | undefined
  #events: AsyncIterator<WatchEvent> | undefined

  constructor(cache: Cache, scope: { namespace: string | undefined; maxPending: number }) {
    this.#cache = cache
    this.#scope = scope
    this.#list()
  }

  /** Reads up to `count` events; stops where the next one would have to be waited for. */
  async read(count: number): Promise<void> {
    for (let i = 0; i < count && this.behind() > 0; i++) {
      const next = await this.#events?.next()
      if (next?.done === false) this.#apply(next.value)
      else return this.#list()
    }
  }

  reconnect(): void {
    this.#watch?.close()
    this.#open()
  }

  /** Whether events wait: the latest version for this client is one that it has not seen. */
  behind(): number {
    return this.#watch?.gone ? 1 : Number(this.#cache.snapshotVersion()) - Number(this.#watch?.resourceVersion)
  }

  expected(): Map<string, unknown> {
    return new Map(this.#cache.list('Pod', this.#scope.namespace).map((object) => [keyOfObject(object), object]))
  }

  #list(): void {
    this.copy.clear()
    for (const [key, object] of this.expected()) this.copy.set(key, object)
    this.#seen = Number(this.#cache.snapshotVersion())
    this.#open()
  }

  #open(): void {
    const { namespace, maxPending } = this.#scope
    const scope = { kind: 'Pod', maxPending, ...(namespace !== undefined && { namespace }) }
    const watch = this.#cache.hub.watch({ ...scope, afterResourceVersion: String(this.#seen) })
    if (watch instanceof Gone) return this.#list()
    this.#watch = watch
    this.#events = watch[Symbol.asyncIterator]()
  }

  // The type of each event must fit the copy: a change told twice or left out shows here.
  #apply(event: WatchEvent): void {
    const key = keyOfObject(event.object)
    expect(versionOf(event)).toBeGreaterThan(this.#seen)
    expect(event.type === 'ADDED').toBe(!this.copy.has(key))
    expect(event.previous).toBe(this.copy.get(key))
    this.#seen = versionOf(event)
    if (event.type === 'DELETED') this.copy.delete(key)
    else this.copy.set(key, event.object)
  }
}

test('list and watch see every later change exactly once, or are told that they must list again', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 80, size: 'max' }),
      fc.tuple(scope, scope, scope),
      fc.integer({ min: 1, max: 12 }),
      async (steps, scopes, historySize) => {
        const cache = newCache(historySize)
        const clients = scopes.map((scope) => new Client(cache, scope))
        for (const step of steps) {
          if (step.do === 'put') cache.put(thing(step.key, step.n))
          else if (step.do === 'delete') cache.delete(step.key)
          else if (step.do === 'read') await clients[step.watcher]?.read(step.count)
          else clients[step.watcher]?.reconnect()
        }
        for (const client of clients) {
          await client.read(1000)
          await turn()
          expect(client.behind()).toBe(0)
          expect(client.copy).toEqual(client.expected())
        }
      },
    ),
    { numRuns: 500 },
  )
})

test('a watcher that never has to list again is told the very changes that listeners hear', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 80 }), async (steps) => {
      const cache = newCache()
      const heard: WatchEvent[] = []
      cache.subscribe((key, change) => void (key.startsWith('Pod/') && heard.push(change)))
      const watch = cache.hub.watch({ kind: 'Pod', afterResourceVersion: cache.snapshotVersion() })
      if (watch instanceof Gone) return expect.unreachable()
      const told: WatchEvent[] = []
      const reading = (async () => {
        for await (const event of watch) told.push(event)
      })()
      for (const step of steps) {
        if (step.do === 'put') cache.put(thing(step.key, step.n))
        else if (step.do === 'delete') cache.delete(step.key)
        else if (step.do === 'read') await turn()
      }
      await turn()
      expect(told).toEqual(heard)
      watch.close()
      await reading
    }),
  )
})
