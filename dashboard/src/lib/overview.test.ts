import type { Manifest } from '@orc/schemas'
import { describe, expect, test } from 'vitest'
import { answerOf, overviewOf } from './overview.ts'
import { present } from './present.ts'
import type { ServiceView } from './service-view.ts'

describe('the answer', () => {
  test.each([
    [['Ready', 'Ready'], 'All 2 services are as declared.'],
    [['Ready', 'Stopped', 'CrashLoopBackOff'], '2 of 3 services are as declared.'],
    [['Ready', 'Starting'], '1 of 2 services is as declared.'],
    [['Starting', 'Starting'], 'None of 2 services is as declared.'],
    [['Ready'], '1 service is as declared.'],
    [['Starting'], '1 service is not as declared.'],
  ])('%j: %s', (states, answer) => {
    expect(answerOf(overviewOf(states.map(service), []))).toBe(answer)
  })

  test('names files that cannot be read, with or without services', () => {
    expect(answerOf(overviewOf(['Ready', 'Ready'].map(service), [file('b.yaml')]))).toBe(
      'All 2 services are as declared; 1 file cannot be read.',
    )
    expect(answerOf(overviewOf([], [file('a.yaml'), file('b.yaml')]))).toBe(
      'No service is declared; 2 files cannot be read.',
    )
  })

  test('is about the past while nothing new is heard of', () => {
    expect(answerOf(overviewOf(['Ready', 'Ready'].map(service), [file('b.yaml')]), '09:42:10')).toBe(
      'All 2 services were as declared at 09:42:10; 1 file could not be read.',
    )
    expect(answerOf(overviewOf(['Starting'].map(service), []), '09:42:10')).toBe(
      '1 service was not as declared at 09:42:10.',
    )
  })
})

describe('the culprits', () => {
  test('are named by what is wrong with them, the worst first, each name a link', () => {
    const { culprits } = overviewOf(['Starting', 'CrashLoopBackOff', 'Ready', 'CrashLoopBackOff'].map(service), [
      file('tools/b.yaml'),
    ])
    expect(textOf(culprits)).toBe('s1 and s3 keep crashing. s0 is starting. tools/b.yaml is not valid.')
    expect(culprits.flatMap(({ href }) => href ?? [])).toEqual([
      '#AgentService%2Fdefault%2Fs1',
      '#AgentService%2Fdefault%2Fs3',
      '#AgentService%2Fdefault%2Fs0',
      '#file%2Ftools%2Fb.yaml',
    ])
  })

  test('are counted when there are many', () => {
    const four = overviewOf(Array<string>(4).fill('BackOff').map(service), [])
    expect(textOf(four.culprits)).toBe('s0, s1, s2 and s3 ended and wait to start again.')
    const many = overviewOf(Array<string>(9).fill('Starting').map(service), [])
    expect(textOf(many.culprits)).toBe('s0, s1, s2 and 6 others are starting.')
  })

  test('are nobody when all is well', () => {
    expect(overviewOf(['Ready', 'Completed', 'Stopped'].map(service), []).culprits).toEqual([])
  })
})

test('groups are ordered by severity, then by name; what is off comes last', () => {
  const states = ['Stopped', 'Ready', 'ProbeFailed', 'StartFailed', 'Starting', 'DependencyNotReady', 'Completed']
  const { groups } = overviewOf(states.map(service), [])
  expect(groups.NeedsYou.map(({ name }) => name)).toEqual(['s3', 's2'])
  expect(groups.Changing.map(({ name }) => name)).toEqual(['s5', 's4'])
  expect(groups.AsDeclared.map(({ name }) => name)).toEqual(['s1', 's6', 's0'])
})

test('files that are valid are not shown; broken ones need you, in order', () => {
  const valid: Manifest = {
    ...file('ok.yaml'),
    status: { state: 'Loaded', observedHash: '', objects: [], errors: [], warnings: [] },
  }
  const overview = overviewOf([], [file('b.yaml'), valid, file('a.yaml')])
  expect(overview.files.map(({ path }) => path)).toEqual(['a.yaml', 'b.yaml'])
  expect(overview.needsYou).toBe(2)
})

function service(reason: string, index: number): ServiceView {
  const name = `s${String(index)}`
  return {
    key: `AgentService/default/${name}`,
    name,
    namespace: 'default',
    type: undefined,
    labels: {},
    href: '',
    reason,
    presentation: present(reason),
    message: '',
    sinceMs: undefined,
    next: undefined,
    lastLines: undefined,
    wanted: 1,
    ready: 0,
    restarts: 0,
    replicas: [],
    limits: { cpu: undefined, memory: undefined },
    stopped: undefined,
  }
}

function file(path: string): Manifest {
  return {
    apiVersion: 'orc.dev/v1alpha1',
    kind: 'Manifest',
    metadata: { name: path },
    spec: { path },
    status: { state: 'Invalid', observedHash: '', objects: [], errors: [`${path}:1:1: wrong`], warnings: [] },
  }
}

function textOf(pieces: readonly { text: string }[]): string {
  return pieces
    .map(({ text }) => text)
    .join('')
    .trim()
}
