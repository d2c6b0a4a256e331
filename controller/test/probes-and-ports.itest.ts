/** Probes, ports and logs of services under a real controller. */
import { once } from 'node:events'
import { unlink, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import path from 'node:path'
import { findCondition } from '@orc/schemas'
import { describe, expect, test } from 'vitest'
import { condition, current, gone, manifest, pidOf, pods, sleeper, start } from './one-orc.ts'

describe('readiness', () => {
  const server = `import http from 'node:http'
import fs from 'node:fs'
http.createServer((q, r) => { r.writeHead(fs.existsSync('sick') ? 500 : 200).end() }).listen(process.env.PORT, '127.0.0.1')
`
  test('follows the probe, and a failing readiness probe kills nothing', async () => {
    const more =
      '  ports: [{name: http, port: 0}]\n  readinessProbe: {httpGet: {path: /health, port: http}, periodSeconds: 1, failureThreshold: 1}\n'
    const { dir } = await start({
      manifests: { 'a.yaml': manifest('a', ['node', 'server.mjs'], more) },
      files: { 'server.mjs': server },
    })
    await condition('a', 'Ready', 'Ready')
    const pid = await pidOf('a')
    await writeFile(path.join(dir, 'sick'), '')
    const sick = await condition('a', 'Ready', 'ProbeFailed')
    expect(findCondition(sick.status?.conditions, 'Ready')?.message).toContain('answered 500')
    await unlink(path.join(dir, 'sick'))
    await condition('a', 'Ready', 'Ready')
    expect(await pidOf('a')).toBe(pid)
  })

  test('a failing liveness probe replaces the process', async () => {
    const more =
      '  ports: [{name: http, port: 0}]\n  livenessProbe: {httpGet: {port: http}, periodSeconds: 1, failureThreshold: 1}\n'
    const { dir, waitFor } = await start({
      manifests: { 'a.yaml': manifest('a', ['node', 'server.mjs'], more) },
      files: { 'server.mjs': server },
    })
    const pid = await pidOf('a')
    await condition('a', 'Ready', 'Ready')
    await writeFile(path.join(dir, 'sick'), '')
    await gone(pid)
    await unlink(path.join(dir, 'sick'))
    const pod = await waitFor('the next process', async () =>
      (await pods('a')).find(({ status }) => status.orc.pid !== undefined && status.orc.pid !== pid),
    )
    expect(pod.status.containerStatuses[0].lastState.terminated?.reason).toBe('LivenessProbeFailed')
  })
})

describe('a probe by command', () => {
  const more =
    '  env: [{name: FLAG, value: ready}]\n  ports: [{name: http, port: 0}]\n  readinessProbe: {exec: {command: [sh, -c, \'test -n "$PORT" && test -e $FLAG || { echo not yet; exit 1; }\']}, periodSeconds: 1, failureThreshold: 1}\n'

  test('runs as the service does, its words are in the status, and it goes on after the controller was killed', async () => {
    const { dir, kill, restart } = await start({ manifests: { 'a.yaml': sleeper('a', more) } })
    const waiting = await condition('a', 'Ready', 'ProbeFailed')
    expect(findCondition(waiting.status?.conditions, 'Ready')?.message).toContain('exited with 1: not yet')
    await writeFile(path.join(dir, 'ready'), '')
    await condition('a', 'Ready', 'Ready')
    const pid = await pidOf('a')
    await kill()
    await unlink(path.join(dir, 'ready'))
    await restart()
    await condition('a', 'Ready', 'ProbeFailed')
    await writeFile(path.join(dir, 'ready'), '')
    await condition('a', 'Ready', 'Ready')
    expect(await pidOf('a')).toBe(pid)
  })
})

test('a port that another service holds stalls the second one, and says whose it is', async () => {
  const listen = "require('net').createServer().listen(process.env.PORT, '127.0.0.1')"
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  const ports = `  ports: [{name: http, port: ${String(port)}}]\n`
  const probed = `${ports}  readinessProbe: {tcpSocket: {port: http}, periodSeconds: 1}\n`
  const { manifestsDir } = await start({ manifests: { 'a.yaml': manifest('a', ['node', '-e', listen], probed) } })
  await condition('a', 'Ready', 'Ready')
  await writeFile(path.join(manifestsDir, 'b.yaml'), sleeper('b', ports))
  const stalled = await condition('b', 'Stalled', 'PortConflict')
  expect(findCondition(stalled.status?.conditions, 'Stalled')?.message).toMatch(
    new RegExp(
      `^Port ${String(port)} \\(http\\) is taken by the service default/a, process ${String(await pidOf('a'))} \\(`,
    ),
  )
})

test('lines have times, and can be read from a moment on', async () => {
  await start({ manifests: { 'a.yaml': manifest('a', ['sh', '-c', 'echo early; sleep 2.5; echo late; sleep 300']) } })
  const read = async (query: string): Promise<string> => {
    const response = await fetch(`${current().url}/api/v1/namespaces/default/pods/a-0/log?${query}`, {
      headers: { authorization: `Bearer ${current().token}` },
    })
    return response.text()
  }
  const since = await current().waitFor('the second line', async () =>
    (await read('')).includes('late') ? Date.now() : undefined,
  )
  const [early = '', late = ''] = (await read('timestamps=true')).split('\n')
  expect(Date.parse(late.slice(0, 24)) - Date.parse(early.slice(0, 24))).toBeGreaterThan(1000)
  expect(await read(`sinceTime=${new Date(since - 1500).toISOString()}`)).toBe('late\n')
  expect(await read('sinceSeconds=3600&limitBytes=8')).toBe('early\nla')
})
