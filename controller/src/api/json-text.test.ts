import { expect, test } from 'vitest'
import { deepFreeze } from '../cache/deep.ts'
import { jsonText, withList } from './json-text.ts'
import { serviceOf, startTestServer, TOKEN } from './server-fake.ts'

test('what is frozen is turned into text once, and what is not every time', () => {
  const frozen = deepFreeze(serviceOf('a'))
  expect(jsonText(frozen)).toBe(JSON.stringify(frozen))
  expect(jsonText(frozen)).toBe(jsonText(frozen))
  const open = { ...serviceOf('b'), spec: { command: ['x'] } }
  jsonText(open)
  open.spec.command = ['y']
  expect(jsonText(open)).toContain('"y"')
})

test.each([0, 1, 2, 3])('a list of %i is JSON', (count) => {
  const items = Array.from({ length: count }, (_, n) => ({ n }))
  const text = withList(
    { kind: 'L' },
    'items',
    items.map((item) => JSON.stringify(item)),
  ).join('')
  expect(JSON.parse(text)).toEqual({ kind: 'L', items })
})

test('text beyond ASCII is sent whole', async () => {
  const server = await startTestServer()
  for (const name of ['a', 'b']) server.cache.put(serviceOf(name, { annotations: { said: 'žluťoučký 🐎 kůň' } }))
  for (const accept of ['application/json', 'application/json;as=Table;v=v1;g=meta.k8s.io']) {
    const headers = { authorization: `Bearer ${TOKEN}`, accept }
    const { text } = await server.send('GET', '/apis/orc.dev/v1alpha1/agentservices', { headers })
    expect(text.match(/žluťoučký 🐎 kůň/g)).toHaveLength(2)
    expect(() => JSON.parse(text) as unknown).not.toThrow()
  }
  await server.close()
})
