import { RESOURCES } from '@orc/schemas'
import { describe, expect, test } from 'vitest'
import { parseSelection, parseServiceName, referenceOf } from './selection.ts'

const { agentservices, pods, configmaps, manifests } = RESOURCES

describe('parseSelection', () => {
  test.each([
    ['nothing', [], [{ resource: agentservices, names: [] }]],
    ['a short name', ['po'], [{ resource: pods, names: [] }]],
    ['any case', ['AgentService', 'web'], [{ resource: agentservices, names: ['web'] }]],
    ['a kind with its group', ['agentservices.v1alpha1.orc.dev'], [{ resource: agentservices, names: [] }]],
    ['several kinds', ['cm,mf'], [configmaps, manifests].map((resource) => ({ resource, names: [] }))],
    ['all', ['all'], [agentservices, pods].map((resource) => ({ resource, names: [] }))],
    ['the same kind twice', ['pods,po,all'], [pods, agentservices].map((resource) => ({ resource, names: [] }))],
    [
      'KIND/NAME',
      ['pod/a-0', 'agentservice.orc.dev/a', 'po/b-0'],
      [
        { resource: pods, names: ['a-0', 'b-0'] },
        { resource: agentservices, names: ['a'] },
      ],
    ],
    [
      'paths of manifests',
      ['mf', 'team/a.yaml', 'b.yaml'],
      [{ resource: manifests, names: ['team/a.yaml', 'b.yaml'] }],
    ],
    [
      'KIND/PATH of manifests',
      ['manifest/team/a.yaml', 'pod/a-0'],
      [
        { resource: manifests, names: ['team/a.yaml'] },
        { resource: pods, names: ['a-0'] },
      ],
    ],
  ])('understands %s', (_, words, expected) => {
    expect(parseSelection(words)).toEqual(expected)
  })

  test('takes a word that is no kind for a service where that is allowed', () => {
    expect(parseSelection(['web', 'api'], 'Guess')).toEqual([
      { resource: agentservices, names: ['web', 'api'], guessedFrom: 'web' },
    ])
  })

  test.each([
    [['podz'], 'unknown kind "podz"; did you mean "pods"?'],
    [['quux'], 'unknown kind "quux"; known are agentservices, manifests, '],
    [['pods.orc.dev'], 'unknown kind "pods.orc.dev"; known are'],
    [['pods,x'], 'unknown kind "x"; known are'],
    [['all', 'web'], '"all" cannot be followed by names'],
    [['pod/', 'x'], '"pod/" must be KIND/NAME'],
    [['pod/a/b'], '"pod/a/b" must be KIND/NAME'],
    [['pod/a', 'b'], '"b" must be KIND/NAME; where one argument has a slash, all need it'],
  ])('refuses %j', (words, message) => {
    expect(() => parseSelection(words)).toThrow(message)
  })
})

test('parseServiceName takes a name or a reference to a service', () => {
  expect(parseServiceName('web')).toBe('web')
  expect(parseServiceName(referenceOf(agentservices, 'web'))).toBe('web')
  expect(() => parseServiceName('pod/web-0')).toThrow('pod/web-0 is not a service')
})
