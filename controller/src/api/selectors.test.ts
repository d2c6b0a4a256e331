import { describe, expect, test } from 'vitest'
import { Failure } from './errors.ts'
import { readSelection } from './selectors.ts'
import { serviceOf } from './server-fake.ts'

const OBJECT = serviceOf('web', { labels: { app: 'web', tier: 'front', 'orc.dev/type': 'x', empty: '' } })

function matches(labelSelector: string, fieldSelector = ''): boolean {
  const selection = readSelection(new URLSearchParams({ labelSelector, fieldSelector }))
  if (selection instanceof Failure) throw new Error(selection.status.message)
  return selection.matches(OBJECT)
}

describe('a label selector', () => {
  test.each([
    ['', true],
    ['app=web', true],
    ['app==web', true],
    [' app = web , tier = front ', true],
    ['app=db', false],
    ['app!=db', true],
    ['app!=web', false],
    ['missing!=x', true],
    ['missing=', false],
    ['empty=', true],
    ['app', true],
    ['missing', false],
    ['!missing', true],
    ['! app', false],
    ['app in (db,web)', true],
    ['app in (db, web ),tier', true],
    ['app in (db)', false],
    ['missing in (db)', false],
    ['app notin (db)', true],
    ['app notin (web)', false],
    ['missing notin (web)', true],
    ['empty in ()', true],
    ['orc.dev/type=x,app=web', true],
    ['app=web,tier=back', false],
    ['constructor', false],
    ['__proto__', false],
  ])('%j: %s', (selector, expected) => {
    expect(matches(selector)).toBe(expected)
  })

  test.each([
    'app web',
    'app=',
    'a b',
    '=x',
    'app in',
    'app in x',
    'app in (a',
    'app in a)',
    ',',
    'app=web,',
    '!',
    'a>1',
    'in (a)',
  ])('%j is refused unless it means something', (selector) => {
    const selection = readSelection(new URLSearchParams({ labelSelector: selector }))
    if (selector === 'app=') expect(selection).not.toBeInstanceOf(Failure)
    else expect((selection as Failure).status).toMatchObject({ code: 400, reason: 'BadRequest' })
  })

  test('takes linear time', () => {
    const start = performance.now()
    for (const text of [','.repeat(16_000), 'a in ('.repeat(3000), `a${' '.repeat(16_000)}b`, `${'a'.repeat(16_000)}(`])
      expect(readSelection(new URLSearchParams({ labelSelector: text }))).toBeInstanceOf(Failure)
    expect(performance.now() - start).toBeLessThan(500)
  })
})

describe('a field selector', () => {
  test.each([
    ['metadata.name=web', true],
    ['metadata.name==web', true],
    ['metadata.name!=web', false],
    ['metadata.name=web,metadata.namespace=default', true],
    ['metadata.namespace=other', false],
  ])('%j: %s', (selector, expected) => {
    expect(matches('', selector)).toBe(expected)
  })

  test.each([
    ['spec.foo=1', 'field label not supported: spec.foo'],
    ['metadata.labels[a]=1', 'field label not supported: metadata.labels[a]'],
    ['constructor=1', 'field label not supported: constructor'],
    ['metadata.name', 'unable to parse requirement "metadata.name" of fieldSelector'],
  ])('%j is refused', (fieldSelector, message) => {
    expect((readSelection(new URLSearchParams({ fieldSelector })) as Failure).status).toMatchObject({
      code: 400,
      message,
    })
  })
})
