import { decode } from '@orc/schemas'
import { expect, test } from 'vitest'
import { nameFrom } from './layout.ts'
import { AGENTS, manifestText, TEMPLATES } from './template.ts'

test.each(TEMPLATES)('the manifest of the %s agent is valid and needs no warning', (template) => {
  for (const workingDir of ['', 'agents/a', 'with space: and colon']) {
    const { documents, errors } = decode(manifestText('my-agent', AGENTS[template], workingDir))
    expect([...errors, ...documents.flatMap((document) => [...document.errors, ...document.warnings])]).toEqual([])
    expect(documents.map(({ object }) => object?.metadata.name)).toEqual(['my-agent'])
    expect(documents[0]?.raw).toHaveProperty('spec.command', AGENTS[template].command)
  }
})

test.each([
  ['/a/my-agent', 'my-agent'],
  ['/a/My Agent_2', 'my-agent-2'],
  ['/a/--x--', 'x'],
  ['/a/Ünïcode', 'n-code'],
  ['/', ''],
  [`/a/${'x'.repeat(70)}`, 'x'.repeat(63)],
])('the directory %s gives the name %j', (directory, name) => {
  expect(nameFrom(directory)).toBe(name)
})
