import { expect, test } from 'vitest'
import { pod, service } from '../../test/fixtures.ts'
import { parseOutput, type DocumentOutput } from './output.ts'
import { sortBy } from './sort.ts'

const pods = [pod('web', 10), pod('web', 9), pod('cron', 0, { orc: {} })]

async function document(text: string, withHead = true): Promise<DocumentOutput> {
  const output = await parseOutput(text, { withHead })
  if (output.type !== 'Document') throw new Error(`${text} is a table`)
  return output
}

test('a JSONPath sees one object as it is and several as a List', async () => {
  const one = await document('jsonpath={.metadata.name}')
  expect(one.format([service('web')], true)).toBe('web')
  const several = await document(String.raw`jsonpath={range .items[*]}{.metadata.name}{"\n"}{end}`)
  expect(several.format(pods, false)).toBe('web-10\nweb-9\ncron-0\n')
})

test('a JSONPath shows no control characters of others', async () => {
  const { format } = await document('jsonpath={.spec.description}')
  const spec = { command: ['x'], description: 'a \u001b[31mred\u001b[0m\u0007 word' }
  expect(format([service('web', { spec })], true)).toBe('a red word')
})

test('columns of one’s own keep in line when rows come later, and have one head', async () => {
  const columns = await document('custom-columns=NAME:.metadata.name,PORTS:.spec.containers[0].ports[*].containerPort')
  expect(columns.format(pods.slice(0, 1), false)).toBe('NAME     PORTS\nweb-10   21010\n')
  expect(columns.formatNext(pods.slice(1, 2))).toBe('web-9    21009\n')
})

test('columns of one’s own say where nothing is, and may go without a head', async () => {
  const columns = await document(
    "custom-columns=N:metadata.name,P:{.status.orc.pid},S:.metadata.labels['a','b']",
    false,
  )
  expect(columns.format(pods.slice(2), false)).toBe('cron-0   <none>   <none>\n')
})

test('sorting is by number, or by text with its numbers', () => {
  const names = (path: string): string[] => sortBy(path)(pods).map(({ metadata }) => metadata.name)
  expect(names('.metadata.name')).toEqual(['cron-0', 'web-9', 'web-10'])
  expect(names('{.status.orc.pid}')).toEqual(['cron-0', 'web-9', 'web-10'])
  expect(() => names('.nothing')).toThrow('couldn\'t find any field with path ".nothing"')
})
