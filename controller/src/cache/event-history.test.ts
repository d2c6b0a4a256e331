import fc from 'fast-check'
import { expect, test } from 'vitest'
import { EventHistory } from './event-history.ts'
import { thing } from './fixture.ts'
import { versionOf } from './watch-event.ts'

test('keeps the last events and tells those after any version from the floor on', () => {
  const gaps = fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 30, size: 'max' })
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 8 }), gaps, (size, gaps) => {
      const history = new EventHistory(size, 100)
      const versions: number[] = []
      for (const gap of gaps) {
        versions.push((versions.at(-1) ?? 100) + gap)
        history.push({ type: 'ADDED', object: thing('Pod/a/x', 1, String(versions.at(-1))) })
      }
      expect(history.floor).toBe([100, ...versions][Math.max(versions.length - size, 0)])
      for (let version = history.floor; version <= (versions.at(-1) ?? 100) + 1; version++) {
        expect([...history.since(version)].map(versionOf)).toEqual(versions.filter((later) => later > version))
      }
    }),
  )
})
