/** Clients of a watch that take less than there is to say. */
import { once } from 'node:events'
import type { ConfigMap } from '@orc/schemas'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openStream, serviceOf, startTestServer, textOf, until, type TestServer } from './server-fake.ts'

let server: TestServer

beforeEach(async () => {
  server = await startTestServer()
})
afterEach(() => server.close())

function configMapOf(name: string, size: number): ConfigMap {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: 'default' },
    data: { text: 'x'.repeat(size) },
  }
}

describe('a slow client', () => {
  const MiB = 1024 * 1024

  test('is given a large state piece by piece, at its own pace', async () => {
    for (let i = 0; i < 40; i++) server.cache.put(configMapOf(`c${String(i)}`, MiB))
    const response = await openStream(server.url, '/api/v1/configmaps?watch=true')
    let seen = 0
    response.setEncoding('utf8')
    for await (const piece of response) {
      seen += (piece as string).split('\n').length - 1
      if (seen === 40) break
    }
    expect(seen).toBe(40)
  })

  test('that takes nothing at all is cut', async () => {
    const response = await openStream(server.url, '/api/v1/configmaps?watch=true')
    response.pause()
    // More than the kernel takes for the two.
    server.cache.put(configMapOf('c', 32 * MiB))
    await until(() => server.clock.timers === 2)
    server.clock.advance(10_000)
    // Now the last word has been said, and the time to take it runs.
    await new Promise((resolve) => setImmediate(resolve))
    server.clock.advance(5000)
    await expect(textOf(response)).rejects.toThrow('aborted')
    expect(server.clock.timers > 0).toBe(false)
  })

  test('that takes too long, and then reads on, is told to list again', async () => {
    const response = await openStream(server.url, '/api/v1/configmaps?watch=true')
    response.pause()
    server.cache.put(configMapOf('c', 32 * MiB))
    await until(() => server.clock.timers === 2)
    server.clock.advance(10_000)
    const last = (await textOf(response)).trimEnd().split('\n').at(-1) ?? ''
    expect(JSON.parse(last)).toMatchObject({ type: 'ERROR', object: { code: 410 } })
  })

  test('that falls too many changes behind is told to list again', async () => {
    const response = await openStream(server.url, '/api/v1/configmaps?watch=true')
    response.pause()
    for (let i = 0; i < 30; i++) server.cache.put(configMapOf('big', MiB + i))
    await until(() => server.clock.timers >= 2)
    for (let i = 0; i < 1100; i++) server.cache.put(configMapOf('small', i))
    const last = (await textOf(response)).trimEnd().split('\n').at(-1) ?? ''
    expect(JSON.parse(last)).toMatchObject({ type: 'ERROR', object: { code: 410 } })
  })

  test('delays nobody else', async () => {
    const slow = await openStream(server.url, '/api/v1/configmaps?watch=true')
    slow.pause()
    for (let i = 0; i < 30; i++) server.cache.put(configMapOf('big', MiB + i))
    const quick = await openStream(server.url, '/apis/orc.dev/v1alpha1/agentservices?watch=true')
    server.cache.put(serviceOf('a'))
    expect(String((await once(quick, 'data'))[0])).toContain('"ADDED"')
    slow.destroy()
  })
})
