import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTcpServer, type AddressInfo } from 'node:net'
import type { AcceptedProbe } from '@orc/schemas'
import { afterEach, describe, expect, test } from 'vitest'
import { systemClock } from '../src/clock.ts'
import { checkExec } from '../src/probe/check-exec.ts'
import { checkHttp, checkTcp } from '../src/probe/check.ts'
import { Prober, type ProbeResult, type ProbeTarget } from '../src/probe/prober.ts'
import { Turns } from '../src/probe/turns.ts'
import { poll, processesWith } from './harness.ts'

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
      verdict: passed ? 'Passed' : 'Failed',
      message: `GET http://127.0.0.1:${String(port)}/health answered ${String(status)}`,
    })
    // A redirect is an answer; it is not followed.
    expect(asked).toBe(1)
  })

  test('that is never answered fails at the deadline', async () => {
    const port = await serve(() => undefined)
    expect(await http(port)).toMatchObject({
      verdict: 'Failed',
      message: expect.stringContaining('took longer than 0.3 s') as string,
    })
  })

  test('whose body drips without end fails at the same deadline', async () => {
    const port = await serve((_, response) => {
      const timer = setInterval(() => response.write('.'), 20)
      response.on('close', () => {
        clearInterval(timer)
      })
    })
    expect(await http(port)).toMatchObject({ verdict: 'Failed' })
  })

  test('whose body is endless and fast is cut, and the status counts', async () => {
    const port = await serve((_, response) => {
      const flood = (): void => {
        while (!response.destroyed && response.write('x'.repeat(16_384)));
      }
      response.on('drain', flood)
      flood()
    })
    expect(await http(port, 2000)).toMatchObject({ verdict: 'Passed' })
  })

  test('to a closed port fails at once', async () => {
    expect(await http(1)).toMatchObject({
      verdict: 'Failed',
      message: expect.stringContaining('ECONNREFUSED') as string,
    })
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
    verdict: 'Passed',
  })
  expect(await checkTcp({ port: 1, timeoutMs: 300 })).toMatchObject({ verdict: 'Failed' })
})

describe('an answer that cannot be judged', () => {
  const stand = (ms: number): void => {
    const until = performance.now() + ms
    while (performance.now() < until);
  }

  test('because the controller stood still past the deadline, blames nobody', async () => {
    const port = await serve(() => undefined)
    const answer = http(port, 200)
    // Let the question go out, then stand still.
    await new Promise((resolve) => setTimeout(resolve, 50))
    stand(400)
    expect(await answer).toMatchObject({ verdict: 'Unknown', message: expect.stringContaining('did not get to it') })
  })

  test('because the controller was busy most of the time, blames nobody', async () => {
    const port = await serve(() => undefined)
    const answer = http(port, 400)
    await new Promise((resolve) => setTimeout(resolve, 20))
    stand(300)
    expect(await answer).toMatchObject({ verdict: 'Unknown' })
  })

  test('is judged after all when it came in time and was only read late', async () => {
    const server = spawn(process.execPath, ['-e', SERVER], { stdio: ['ignore', 'pipe', 'inherit'] })
    servers.push({ close: () => server.kill('SIGKILL') })
    const [piece] = (await once(server.stdout, 'data')) as [Buffer]
    const answer = http(Number(piece), 300)
    await new Promise((resolve) => setTimeout(resolve, 20))
    stand(400)
    expect(await answer).toMatchObject({ verdict: 'Passed' })
  })
})

/** In a process of its own, because this one stands still. Answers after 100 ms. */
const SERVER = `
const server = require('node:http').createServer((_, response) => setTimeout(() => response.end('ok'), 100))
server.listen(0, '127.0.0.1', () => process.stdout.write(String(server.address().port)))`

describe('a command', () => {
  const ask = (script: string, timeoutMs = 2000) =>
    checkExec({
      command: ['sh', '-c', script],
      workingDir: '/',
      env: { PATH: '/usr/bin:/bin', WHO: 'probe' },
      timeoutMs,
    })

  test('that exits with 0 passes', async () => {
    expect(await ask('exit 0')).toMatchObject({ verdict: 'Passed' })
  })

  test('that exits otherwise fails with its last line', async () => {
    expect(await ask('echo first; echo "no database" >&2; exit 3')).toMatchObject({
      verdict: 'Failed',
      message: `The command ${JSON.stringify('sh -c echo first; echo "no database" >&2; exit 3')} exited with 3: no database`,
    })
  })

  test('runs in its working directory with its environment and no other', async () => {
    expect(await ask('echo "$(pwd) $WHO <$HOME>"; exit 1')).toMatchObject({
      message: expect.stringMatching(/: \/ probe <>$/) as string,
    })
  })

  test('that hangs is ended with all that it started', async () => {
    const marker = `probe-${String(process.pid)}-${String(Math.random()).slice(2)}`
    const answer = await checkExec({
      command: ['sh', '-c', 'trap "" TERM; sleep 300 & sleep 300'],
      workingDir: '/',
      env: { PATH: '/usr/bin:/bin', ORC_RUN_ID: marker },
      timeoutMs: 200,
    })
    expect(answer).toMatchObject({
      verdict: 'Failed',
      message: expect.stringContaining('took longer than 0.2 s') as string,
    })
    await poll('the group to be gone', () => processesWith(new Set([marker])).length === 0 || undefined, 2000)
  })

  test('whose background child keeps the pipes open has exited all the same', async () => {
    const marker = `probe-${String(process.pid)}-${String(Math.random()).slice(2)}`
    const before = performance.now()
    const answer = await checkExec({
      command: ['sh', '-c', 'sleep 300 & exit 0'],
      workingDir: '/',
      env: { PATH: '/usr/bin:/bin', ORC_RUN_ID: marker },
      timeoutMs: 5000,
    })
    for (const pid of processesWith(new Set([marker]))) process.kill(pid, 'SIGKILL')
    expect(answer.verdict).toBe('Passed')
    expect(performance.now() - before).toBeLessThan(4000)
  })

  test('that is not there fails with its name', async () => {
    expect(
      await checkExec({ command: ['no-such-probe'], workingDir: '/', env: { PATH: '/bin' }, timeoutMs: 500 }),
    ).toMatchObject({
      verdict: 'Failed',
      message: 'The command "no-such-probe" cannot be started (ENOENT)',
    })
  })
})

test('questions wait for their turn, and no more than so many are open', async () => {
  const turns = new Turns(3)
  let open = 0
  let most = 0
  const order: number[] = []
  const work = Array.from({ length: 10 }, (_, index) =>
    turns.take(async () => {
      open += 1
      most = Math.max(most, open)
      order.push(index)
      await new Promise((resolve) => setImmediate(resolve))
      open -= 1
      if (index === 4) throw new Error('one fails')
    }),
  )
  const settled = await Promise.allSettled(work)
  expect(most).toBe(3)
  expect(order).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  expect(settled.filter(({ status }) => status === 'rejected')).toHaveLength(1)
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

  function commandProbe(command: string[]): AcceptedProbe {
    const { httpGet: _, ...rest } = probe({})
    return { ...rest, exec: { command } }
  }

  async function watch(
    listener: RequestListener,
    probes: Partial<ProbeTarget>,
  ): Promise<{
    result: () => ProbeResult | undefined
    close: () => void
    flips: () => number
    times: () => ReturnType<Prober['takeTimes']>
  }> {
    const port = await serve(listener)
    let flips = 0
    const prober = new Prober(systemClock, () => {
      flips += 1
    })
    const target = { runId: 'r', ports: [{ name: 'http', port }], startedAtMs: systemClock.nowMs() }
    prober.sync('owner', [{ ...target, execContext: () => undefined, ...probes }])
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
      times: () => prober.takeTimes('owner'),
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

  test('that passed tell how long they took, once, and a startup probe or a refusal tells nothing', async () => {
    const slow = (delayMs: number, status: number): RequestListener => {
      return (_, response) => void setTimeout(() => response.writeHead(status).end(), delayMs)
    }
    const { result, times } = await watch(slow(50, 200), { readinessProbe: probe({ periodSeconds: 30 }) })
    await poll('readiness', () => result()?.ready || undefined)
    const { count, totalMs, longestMs } = times()
    expect({ count, isOne: totalMs === longestMs }).toEqual({ count: 1, isOne: true })
    // Timers may be early by less than one.
    expect(longestMs).toBeGreaterThan(48)
    expect(times()).toEqual({ count: 0, totalMs: 0, longestMs: 0 })
    const start = await watch(slow(0, 200), { startupProbe: probe({}) })
    await poll('a start', () => start.result()?.started || undefined)
    const refusing = await watch(slow(0, 500), { readinessProbe: probe({}) })
    await poll('a refusal', () => refusing.result()?.message.includes('answered 500') || undefined)
    expect([start.times().count, refusing.times().count]).toEqual([0, 0])
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

  test('one question at a time, however slow the answer', async () => {
    let open = 0
    let most = 0
    const { result } = await watch(
      (_, response) => {
        open += 1
        most = Math.max(most, open)
        setTimeout(() => {
          open -= 1
          response.writeHead(200).end()
        }, 700)
      },
      { readinessProbe: probe({ periodSeconds: 1, timeoutSeconds: 1 }), livenessProbe: undefined },
    )
    await poll('readiness', () => result()?.ready || undefined)
    await new Promise((resolve) => setTimeout(resolve, 2000))
    expect(most).toBe(1)
  })

  test('of an old run are asked without its initial delay, and their failures count at once', async () => {
    const { result } = await watch((_, response) => response.writeHead(503).end(), {
      startedAtMs: systemClock.nowMs() - 60_000,
      livenessProbe: probe({ initialDelaySeconds: 30, failureThreshold: 1 }),
    })
    await poll('the verdict', () => result()?.failed === 'LivenessProbeFailed' || undefined, 2500)
  })

  test('by command run in the context of the run, and wait while there is none', async () => {
    let context: { workingDir: string; env: Record<string, string> } | undefined = undefined
    const { result } = await watch(() => undefined, {
      readinessProbe: commandProbe(['sh', '-c', 'test "$READY" = yes']),
      execContext: () => context,
    })
    await poll('a first word', () => result()?.message.includes('waits for a ConfigMap') || undefined)
    context = { workingDir: '/', env: { PATH: '/usr/bin:/bin', READY: 'yes' } }
    await poll('readiness', () => result()?.ready || undefined, 3000)
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
