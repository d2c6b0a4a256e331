import { validate } from '@orc/schemas'
import { describe, expect, test } from 'vitest'
import { serviceOf, type RunRequest } from './service.ts'

const request = (more: Partial<RunRequest> = {}): RunRequest => ({
  name: 'web',
  namespace: 'default',
  command: ['python3', 'app.py'],
  directory: '/home/me/project',
  manifestsDir: '/home/me/project/manifests',
  env: [],
  ...more,
})

describe('serviceOf', () => {
  test('says no more than what differs from the defaults', () => {
    expect(serviceOf(request({ replicas: 1 })).spec).toEqual({ command: ['python3', 'app.py'] })
  })

  test.each([
    ['/home/me/project', undefined],
    ['/home/me/project/agents/a', 'agents/a'],
    ['/home/me/project/..name', '..name'],
    ['/home/me', '/home/me'],
    ['/srv/a', '/srv/a'],
  ])('declares %s as the working directory %s', (directory, expected) => {
    expect(serviceOf(request({ directory })).spec.workingDir).toBe(expected)
  })

  test('waits for the port to be open', () => {
    const { spec } = serviceOf(request({ port: true, replicas: 3 }))
    expect(spec).toMatchObject({ ports: [{ name: 'http', port: 0 }], replicas: 3 })
    expect(spec.readinessProbe).toMatchObject({ tcpSocket: { port: 'http' } })
    expect(serviceOf(request({ port: '8080' })).spec.ports).toEqual([{ name: 'http', port: 8080 }])
  })

  test('takes variables with any value', () => {
    expect(serviceOf(request({ env: ['A=1=2', 'B='] })).spec.env).toEqual([
      { name: 'A', value: '1=2' },
      { name: 'B', value: '' },
    ])
  })

  test('is valid', () => {
    expect(validate(serviceOf(request({ port: true, replicas: 2, env: ['A=1'] }))).ok).toBe(true)
  })

  test.each([
    [{ port: '70000' }, '--port must be a number from 0 (any free one) to 65535; got "70000"'],
    [{ port: 'x' }, '--port must be a number'],
    [{ env: ['A'] }, '--env must be KEY=VALUE; got "A"'],
    [{ env: ['=1'] }, '--env must be KEY=VALUE'],
  ])('refuses %j', (more, message) => {
    expect(() => serviceOf(request(more))).toThrow(message)
  })
})
