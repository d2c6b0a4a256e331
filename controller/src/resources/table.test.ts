import { RESOURCES } from '@orc/schemas'
import { describe, expect, test } from 'vitest'
import { RESOURCE_TABLE } from './table.ts'

const CHANGES = ['create', 'update', 'patch']
const WRITES = [...CHANGES, 'delete', 'deletecollection']

test('every resource that has a name is served, once', () => {
  const served = RESOURCE_TABLE.map(({ name }) => name)
  expect(new Set(served)).toEqual(new Set(Object.values(RESOURCES)))
  expect(served).toHaveLength(new Set(served).size)
})

describe.each(RESOURCE_TABLE.map((resource) => ({ kind: resource.name.kind, resource })))('$kind', ({ resource }) => {
  test('has a writer exactly where it has verbs that write', () => {
    const isWritten = resource.verbs.some((verb) => WRITES.includes(verb))
    expect(resource.writer !== undefined).toBe(isWritten)
    // What is only shown can at most be ended: another one takes its place.
    const isChanged = resource.verbs.some((verb) => CHANGES.includes(verb))
    expect(['Manifest', 'State', 'Memory'].includes(resource.storage)).toBe(isChanged)
  })

  test('is watched only where the cache has it', () => {
    if (resource.source !== undefined) expect(resource.verbs).not.toContain('watch')
  })

  test('has columns of different names, one of them the name', () => {
    const names = resource.columns.map(({ name }) => name)
    expect(names).toContain('Name')
    expect(new Set(names).size).toBe(names.length)
    for (const { description } of resource.columns) expect(description).toMatch(/^[A-Z].*\.$/)
  })
})
