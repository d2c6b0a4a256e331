import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTcpServer, type AddressInfo } from 'node:net'
import type { AcceptedProbe } from '@orc/schemas'
import { afterEach, describe, expect, test } from 'vitest'
import { systemClock } from '../src/clock.ts'
import { checkHttp, checkTcp } from '../src/probe/check.ts'
import { Prober, type ProbeResult, type ProbeTarget } from '../src/probe/prober.ts'
import { poll } from './harness.ts'

const servers: { close(): unknown; closeAllConnections?(): void }[] = []

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections?.()
    server.close()
  }
})

async function serve(listener: RequestListener): Promise<number> {
  const server: Server = createServer(listener)
  servers.push(server)
  await new Promise<void>((resolve) =>
    server.listen(0, '127.0.0.1', () => {
      resolve()
    }),
  )
  return (server.address() as AddressInfo).port
}

const http = (port: number, timeoutMs = 300) => checkHttp({ path: '/health', port, timeoutMs })

describe('a GET', () => {
  test.each([
    [200, true],
    [204, true],
    [302, true],
    [399, true],
    [400, false],
    [404, false],
    [503, false],
  ])('answered with %i', async (status, passed) => {
    let asked = 0
    const port = await serve((_, response) => {
      asked += 1
      response.writeHead(status, status === 302 ? { location: '/elsewhere' } : {}).end()
    })
    expect(await http(port)).toMatchObject({
      passed,
      message: `GET http://127.0.0.1:${String(port)}/health answered ${String(status)}`,
    })
    // A redirect is an answer; it is not followed.
    expect(asked).toBe(1)
  })

  test('that is never answered fails at the deadline', async () => {
    const port = await serve(() => undefined)
    expect(await http(port)).toMatchObject({
      passed: false,
      message: expect.stringContaining('was not answered within 0.3 s') as string,
    })
  })

  test('whose body drips without end fails at the same deadline', async () => {
    const port = await serve((_, response) => {
      const timer = setInterval(() => response.write('.'), 20)
      response.on('close', () => {
        clearInterval(timer)
      })
    })
    expect(await http(port)).toMatchObject({ passed: false })
  })

  test('whose body is endless and fast is cut, and the status counts', async () => {
    const port = await serve((_, response) => {
      const flood = (): void => {
        while (!response.destroyed && response.write('x'.repeat(16_384)));
      }
      response.on('drain', flood)
      flood()
    })
    expect(await http(port, 2000)).toMatchObject({ passed: true })
  })

  test('to a closed port fails at once', async () => {
    expect(await http(1)).toMatchObject({ passed: false, message: expect.stringContaining('ECONNREFUSED') as string })
  })
})

test('a connection passes when it opens', async () => {
  const server = createTcpServer()
  servers.push(server)
  await new Promise<void>((resolve) =>
    server.listen(0, '127.0.0.1', () => {
      resolve()
    }),
  )
  expect(await checkTcp({ port: (server.address() as AddressInfo).port, timeoutMs: 300 })).toMatchObject({
    passed: true,
  })
  expect(await checkTcp({ port: 1, timeoutMs: 300 })).toMatchObject({ passed: false })
})

describe('the probes of a run', () => {
  const probe = (fields: Partial<AcceptedProbe>): AcceptedProbe => ({
    httpGet: { path: '/health', port: 'http' },
    initialDelaySeconds: 0,
    periodSeconds: 1,
    timeoutSeconds: 1,
    successThreshold: 1,
    failureThreshold: 3,
    ...fields,
  })

  async function watch(
    listener: RequestListener,
    probes: Partial<ProbeTarget>,
  ): Promise<{ result: () => ProbeResult | undefined; close: () => void; flips: () => number }> {
    const port = await serve(listener)
    let flips = 0
    const prober = new Prober(systemClock, () => {
      flips += 1
    })
    prober.sync('owner', [{ runId: 'r', ports: [{ name: 'http', port }], ...probes }])
    servers.push({
      close: () => {
        prober.close()
      },
    })
    return {
      result: () => prober.results('owner').get('r'),
      close: () => {
        prober.close()
      },
      flips: () => flips,
    }
  }

  test('without any, a run has started and is ready', async () => {
    const { result } = await watch(() => undefined, {})
    expect(result()).toMatchObject({ started: true, ready: true })
  })

  test('a slow start is ready soon after it answers, whatever the period', async () => {
    const answersFrom = performance.now() + 500
    const { result } = await watch(
      (_, response) => response.writeHead(performance.now() > answersFrom ? 200 : 503).end(),
      { readinessProbe: probe({ periodSeconds: 30 }) },
    )
    await poll('a reason', () => result()?.message.includes('answered 503') || undefined)
    expect(result()?.ready).toBe(false)
    await poll('readiness', () => result()?.ready || undefined, 1500)
  })

  test('readiness comes and goes without blame', async () => {
    let status = 200
    const { result, flips } = await watch((_, response) => response.writeHead(status).end(), {
      readinessProbe: probe({ failureThreshold: 1 }),
    })
    await poll('readiness', () => result()?.ready || undefined)
    status = 500
    await poll('unreadiness', () => result()?.ready === false || undefined, 5000)
    expect(result()).toMatchObject({
      message: expect.stringMatching(/readiness probe fails: .* answered 500/) as string,
    })
    expect(result()?.failed).toBeUndefined()
    status = 200
    await poll('readiness again', () => (result()?.ready === true && result()?.message === '') || undefined, 5000)
    expect(flips()).toBeGreaterThanOrEqual(3)
  })

  test('liveness is asked only after the start, and fails after its threshold', async () => {
    let started = false
    const paths: string[] = []
    const { result } = await watch(
      (request, response) => {
        paths.push(request.url ?? '')
        response.writeHead(request.url === '/start' && started ? 200 : 500).end()
      },
      {
        startupProbe: probe({ httpGet: { path: '/start', port: 'http' }, failureThreshold: 100 }),
        livenessProbe: probe({ httpGet: { path: '/live', port: 'http' }, failureThreshold: 1 }),
      },
    )
    await poll('some questions', () => paths.length > 3 || undefined)
    expect(new Set(paths)).toEqual(new Set(['/start']))
    started = true
    await poll('the start', () => result()?.started || undefined)
    await poll('the verdict', () => result()?.failed === 'LivenessProbeFailed' || undefined, 6000)
  })

  test('a run that is no longer there is asked no more', async () => {
    let asked = 0
    const { close } = await watch(
      (_, response) => {
        asked += 1
        response.writeHead(503).end()
      },
      { readinessProbe: probe({}) },
    )
    await poll('a question', () => asked > 0 || undefined)
    close()
    const before = asked
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(asked - before).toBeLessThanOrEqual(1)
  })
})
