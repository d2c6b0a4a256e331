import { describe, expect, test } from 'vitest'
import { readConfig, UsageError } from './config.ts'

const read = (args: readonly string[], env: NodeJS.ProcessEnv = {}) => readConfig(args, env, '/home/me/project')

test('defaults', () => {
  expect(read([])).toEqual({
    manifestsDir: '/home/me/project/manifests',
    readOnlyManifestsDirs: [],
    stateDir: '/home/me/project/.orc',
    host: '127.0.0.1',
    port: 7420,
    portRange: { first: 21_000, last: 24_999 },
    enforcement: 'Auto',
    reserve: { cpu: { amount: 0 }, memory: { percent: 5 } },
    mode: 'Foreground',
    onTerminate: 'StopServices',
    adoptRoot: false,
    onlyStopServices: false,
  })
})

test('the environment is asked where there is no flag', () => {
  const env = {
    ORC_MANIFESTS: 'agents',
    ORC_STATE_DIR: '/var/lib/orc',
    ORC_LISTEN: '[::1]:0',
    ORC_PORT_RANGE: '30000-30100',
  }
  expect(read([], env)).toMatchObject({
    manifestsDir: '/home/me/project/agents',
    stateDir: '/var/lib/orc',
    host: '::1',
    port: 0,
    portRange: { first: 30_000, last: 30_100 },
  })
  expect(read(['--manifests', '/m', '--listen', 'localhost:80'], env)).toMatchObject({
    manifestsDir: '/m',
    host: 'localhost',
    port: 80,
  })
})

test('what is kept back is an amount or a share', () => {
  const env = { ORC_RESERVE_CPU: '10%', ORC_RESERVE_MEMORY: '1Gi' }
  expect(read([], env).reserve).toEqual({ cpu: { percent: 10 }, memory: { amount: 2 ** 30 } })
  const flags = ['--reserve-cpu', '500m', '--reserve-memory', '0']
  expect(read(flags, env).reserve).toEqual({ cpu: { amount: 0.5 }, memory: { amount: 0 } })
})

test('further directories are read only', () => {
  expect(read([], { ORC_READ_ONLY_MANIFESTS: 'a:/b' }).readOnlyManifestsDirs).toEqual(['/home/me/project/a', '/b'])
  expect(read(['--read-only-manifests', 'c', '--read-only-manifests', 'd']).readOnlyManifestsDirs).toEqual([
    '/home/me/project/c',
    '/home/me/project/d',
  ])
})

test.each([
  [[], 'StopServices'],
  [['--leave-running'], 'LeaveRunning'],
  [['--detached'], 'LeaveRunning'],
  [['--detached', '--stop-on-exit'], 'StopServices'],
])('%j: SIGTERM means %s', (args, expected) => {
  expect(read(args).onTerminate).toBe(expected)
})

describe('a wrong flag is a sentence', () => {
  test.each([
    [['--listen', '7420'], 'must be HOST:PORT'],
    [['--listen', '0.0.0.0:7420'], 'plain HTTP is served on this host only'],
    [['--listen', '127.0.0.1:99999'], 'must be HOST:PORT'],
    [['--port-range', '9-3'], 'must be FIRST-LAST'],
    [['--log-quota', '10k'], 'must be an amount of bytes from 1Mi on'],
    [['--log-quota', 'much'], 'must be an amount of bytes from 1Mi on'],
    [['--reserve-cpu', 'half'], 'must be a quantity or a share, for example 500m or 10%'],
    [['--reserve-memory', '101%'], 'must be a quantity or a share'],
    [['--leave-running', '--stop-on-exit'], 'contradict each other'],
    [['--manifest', 'x'], '--manifest'],
  ])('%j', (args, expected) => {
    expect(() => read(args)).toThrow(UsageError)
    expect(() => read(args)).toThrow(expected)
  })
})
