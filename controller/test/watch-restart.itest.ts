/** A watch through the deaths of a real controller: the client is told that it must list again, and loses nothing. */
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { keyOf, RESOURCES, type AgentService, type Key } from '@orc/schemas'
import { reflect, type Collection, type WatchEvent } from '@orc/sdk/client'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startOrc, type Orc } from './harness.ts'

const { agentservices } = RESOURCES
const SERVICES = 30
let orc: Orc

const text = (name: string, round: number): string =>
  `apiVersion: orc.dev/v1alpha1\nkind: AgentService\nmetadata: {name: ${name}}\nspec:\n  command: [sleep, "300"]\n  operatingMode: Stopped\n  description: round ${String(round)}\n`
const nameOf = (index: number): string => `s${String(index)}`
const keyFor = (index: number): Key => keyOf('AgentService', 'default', nameOf(index))
const roundOf = (service: AgentService | undefined): number =>
  Number(/^round (\d+)$/.exec(service?.spec.description ?? '')?.[1])

beforeEach(async () => {
  const manifests = Object.fromEntries(
    Array.from({ length: SERVICES }, (_, index) => [`${nameOf(index)}.yaml`, text(nameOf(index), 0)]),
  )
  orc = await startOrc({ manifests })
})
afterEach(() => orc.stop())

test('a version of an earlier boot is too old: the watch says so and ends', async () => {
  const { metadata } = await orc.client.list<AgentService>(agentservices)
  await orc.kill()
  await orc.restart()
  const told: WatchEvent<unknown>[] = []
  for await (const event of orc.client.watch(agentservices, metadata, AbortSignal.timeout(10_000))) told.push(event)
  expect(told).toEqual([
    { type: 'ERROR', object: expect.objectContaining({ kind: 'Status', code: 410, reason: 'Expired' }) as unknown },
  ])
})

test('a copy that follows is the same as the server in the end, and never goes back', async () => {
  const end = new AbortController()
  let copy: Collection<AgentService> = { items: new Map(), resourceVersion: '' }
  const latest = new Map<Key, number>()
  const setBack: string[] = []
  let lists = 0
  const reflecting = reflect<AgentService>(
    orc.client,
    agentservices,
    {
      onChange: (collection, cause) => {
        lists += cause === 'Listed' ? 1 : 0
        for (const [key, service] of collection.items) {
          const round = roundOf(service)
          if (round < (latest.get(key) ?? 0)) setBack.push(`${key} from ${String(latest.get(key))} to ${String(round)}`)
          latest.set(key, round)
        }
        copy = collection
      },
    },
    end.signal,
  )
  // Two hands, each on its own services: files that are saved, and writes through the API, answered or not.
  let isOver = false
  const rounds = Array.from({ length: SERVICES }, () => 0)
  const hand = async (first: number, write: (index: number, round: number) => Promise<unknown>): Promise<void> => {
    for (let turn = 0; !isOver; turn += 1) {
      const index = first + ((2 * turn) % SERVICES)
      const round = (rounds[index] ?? 0) + 1
      rounds[index] = round
      await write(index, round).catch(() => new Promise((resolve) => setTimeout(resolve, 50)))
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }
  const hands = [
    hand(0, (index, round) =>
      writeFile(path.join(orc.manifestsDir, `${nameOf(index)}.yaml`), text(nameOf(index), round)),
    ),
    hand(1, (index, round) =>
      orc.client.patch(agentservices, nameOf(index), 'default', { spec: { description: `round ${String(round)}` } }),
    ),
  ]
  for (let death = 0; death < 3; death += 1) {
    await new Promise((resolve) => setTimeout(resolve, 1500))
    await orc.kill()
    await new Promise((resolve) => setTimeout(resolve, 300))
    await orc.restart()
  }
  await new Promise((resolve) => setTimeout(resolve, 1500))
  isOver = true
  await Promise.all(hands)
  // A change after all: when the copy has it, it has everything before.
  await orc.client.patch(agentservices, nameOf(1), 'default', { spec: { description: 'round 1000000' } })
  await orc.waitFor(
    'the copy to be as the server is',
    async () => {
      const { items } = await orc.client.list<AgentService>(agentservices)
      const own = [...copy.items.values()].toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
      const isSaved = rounds.every(
        (round, index) => index % 2 === 1 || roundOf(copy.items.get(keyFor(index))) === round,
      )
      return isSaved && JSON.stringify(own) === JSON.stringify(items) ? true : undefined
    },
    20_000,
  )
  end.abort()
  await reflecting
  expect(roundOf(copy.items.get(keyFor(1)))).toBe(1_000_000)
  expect(setBack).toEqual([])
  expect(lists).toBeGreaterThanOrEqual(4)
})
