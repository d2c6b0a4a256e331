import { describe, expect, test } from 'vitest'
import { formatTemplate, valuesAt } from './evaluate.ts'
import { parseRelaxedPath } from './parse-path.ts'
import { parseTemplate } from './parse.ts'

/** The document of the Kubernetes documentation of JSONPath. */
const LIST = {
  kind: 'List',
  items: [
    {
      kind: 'None',
      metadata: { name: '127.0.0.1', labels: { 'kubernetes.io/hostname': '127.0.0.1' } },
      status: { capacity: { cpu: '4' }, addresses: [{ type: 'LegacyHostIP', address: '127.0.0.1' }] },
    },
    {
      kind: 'None',
      metadata: { name: '127.0.0.2' },
      status: {
        capacity: { cpu: '8' },
        addresses: [
          { type: 'LegacyHostIP', address: '127.0.0.2' },
          { type: 'another', address: '127.0.0.3' },
        ],
      },
    },
  ],
  users: [
    { name: 'myself', user: {} },
    { name: 'e2e', user: { username: 'admin', password: 'secret', age: 7, isActive: true } },
  ],
}

const say = (template: string): string => formatTemplate(parseTemplate(template), LIST)

describe('a template', () => {
  test.each([
    ['kind is {.kind}', 'kind is List'],
    ['{@.kind} {$.kind} {kind}', 'List List List'],
    ["{['kind']}", 'List'],
    ['{.items[*].metadata.name}', '127.0.0.1 127.0.0.2'],
    ['{.users[0].name}', 'myself'],
    ['{.users[-1].name}', 'e2e'],
    ['{.users[5].name}|{.users[-5].name}', '|'],
    ['{.items[1].status.addresses[0:1].address}', '127.0.0.2'],
    ['{.items[1].status.addresses[-1:].address}', '127.0.0.3'],
    ['{.items[1].status.addresses[::2].address}', '127.0.0.2'],
    ['{.users[0,1].name}', 'myself e2e'],
    ['{..name}', '127.0.0.1 127.0.0.2 myself e2e'],
    ['{.items..address}', '127.0.0.1 127.0.0.2 127.0.0.3'],
    ["{.items[*]['metadata.name', 'status.capacity']}", '127.0.0.1 {"cpu":"4"} 127.0.0.2 {"cpu":"8"}'],
    ['{.users[?(@.name=="e2e")].user.password}', 'secret'],
    ["{.users[?(@.name != 'e2e')].name}", 'myself'],
    ['{.users[?(@.user.age >= 7)].name}', 'e2e'],
    ['{.users[?(@.user.age<7)].name}', ''],
    ['{.users[?(@.user.isActive==true)].name}', 'e2e'],
    ['{.users[?(@.user.password)].name}', 'e2e'],
    [String.raw`{.items[0].metadata.labels.kubernetes\.io/hostname}`, '127.0.0.1'],
    [String.raw`{.items[*].metadata.labels['kubernetes\.io/hostname']}`, '127.0.0.1'],
    ["{.items[*].metadata.labels['kubernetes.io/hostname']}", '127.0.0.1'],
    ['{range .items[*]}[{.metadata.name}, {.status.capacity.cpu}] {end}', '[127.0.0.1, 4] [127.0.0.2, 8] '],
    [String.raw`{range .users[*]}{.name}{"\t"}{.user.age}{"\n"}{end}`, 'myself\t\ne2e\t7\n'],
    ['{range .items[*]}{range .status.addresses[*]}{.address};{end}{end}', '127.0.0.1;127.0.0.2;127.0.0.3;'],
    ['{.nothing.at.all}', ''],
    ['{.users[0]}', '{"name":"myself","user":{}}'],
    ["{'a brace: }'}", 'a brace: }'],
    ['{.items[0].status.capacity.*}', '4'],
  ])('%s', (template, text) => {
    expect(say(template)).toBe(text)
  })

  test.each([
    ['{.kind', '"}" is missing, at the end'],
    ['{.users[0}', '"]" is missing, at "}"'],
    ['{range .items[*]}x', '{range} without {end}'],
    ['{end}', 'there is an {end} without {range}'],
    ['{.users[?(@.a=="x" && @.b)]}', 'a filter compares once'],
    ['{.users[x]}', 'in brackets stand'],
    ['{}', 'in braces stand paths'],
  ])('%s is refused with its place', (template, reason) => {
    expect(() => parseTemplate(template)).toThrow(reason)
  })
})

describe('a path where nothing else can be meant', () => {
  test.each([
    '.items[*].metadata.name',
    'items[*].metadata.name',
    '{.items[*].metadata.name}',
    '{items[*].metadata.name}',
  ])('%s', (text) => {
    expect(valuesAt(parseRelaxedPath(text), LIST)).toEqual(['127.0.0.1', '127.0.0.2'])
  })

  test('must be one path to its end', () => {
    expect(() => parseRelaxedPath('.a b')).toThrow('must go on with "." or "["')
  })
})
