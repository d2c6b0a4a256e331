import { expect, test } from 'vitest'
import { service } from '../../test/fixtures.ts'
import { bodyOf, bodyOfDraft, draftOf, readEdited } from './draft.ts'

const body = bodyOf(service('web'))

test('a draft has what can be edited below its comments', () => {
  expect(draftOf(body, ['spec.replicas: must be\nat least 0'])).toBe(
    `# Please edit the object below. Lines beginning with a '#' will be ignored,
# and an empty file will abort the edit. If an error occurs while saving this file will be
# reopened with the relevant failures.
#
# spec.replicas: must be
# at least 0
#
${body}`,
  )
  expect(body).toContain('name: web')
  expect(body).not.toContain('status:')
  expect(bodyOfDraft(draftOf(body, ['x']))).toBe(body)
})

test.each([
  ['the same', body, 'no changes made'],
  ['the same with other spaces and comments', `# mine\n${body}\n\n`, 'no changes made'],
  ['nothing', '', 'saved file was empty'],
  ['comments alone', '# gone\n', 'saved file was empty'],
])('%s cancels', (_, typed, why) => {
  expect(readEdited(typed, body)).toEqual({ type: 'Nothing', why })
})

test('another field is a change', () => {
  expect(readEdited(body.replace('replicas: 1', 'replicas: 2'), body)).toMatchObject({
    type: 'Changed',
    object: { spec: { replicas: 2 } },
  })
})

test.each([
  ['another name', body.replace('name: web', 'name: other'), 'metadata.name cannot be changed.'],
  ['another kind', body.replace('AgentService', 'Pod'), 'kind cannot be changed.'],
  ['a list', '- a\n', 'The edited file is no object with metadata.'],
  ['no YAML', 'a: [b\n', 'The edited file had a syntax error: '],
])('%s is said to be wrong', (_, typed, reason) => {
  expect(readEdited(typed, body)).toMatchObject({ type: 'Broken', reason: expect.stringContaining(reason) as string })
})
