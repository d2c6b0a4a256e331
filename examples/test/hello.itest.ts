/** The two greeters keep the same promises: they greet, answer probes, finish what they accepted and exit 0 at once. */
import http from 'node:http'
import net from 'node:net'
import path from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { EXAMPLES, startAgent, type Agent } from './support/agent.ts'
import { get, getInFlight } from './support/http.ts'
import { pythonTest } from './support/python.ts'

const greeters = [
  { name: 'hello-node', command: ['node', 'server.mjs'], greeting: 'Hello from Node.js', testOf: test },
  { name: 'hello-python', command: ['python3', 'server.py'], greeting: 'Hello from Python', testOf: pythonTest },
]

describe.each(greeters)('$name', ({ name, command, greeting, testOf }) => {
  const start = (env: Record<string, string> = {}): Agent =>
    startAgent({ command, workingDir: path.join(EXAMPLES, name), env })

  testOf('greets, and is well', async () => {
    const agent = start()
    const url = await agent.url()
    const answer = await get(url)
    expect(answer).toMatchObject({ status: 200, contentType: 'application/json; charset=utf-8' })
    expect(JSON.parse(answer.text)).toEqual({ message: greeting, pid: agent.pid })
    expect(await get(`${url}/health`)).toMatchObject({ status: 200 })
    expect(await get(`${url}/nowhere`)).toMatchObject({ status: 404 })
  })

  testOf('says the greeting it was given', async () => {
    const url = await start({ GREETING: 'Grüß Gott' }).url()
    expect(JSON.parse((await get(url)).text)).toMatchObject({ message: 'Grüß Gott' })
  })

  testOf('listens on 127.0.0.1 and nowhere else', async () => {
    const url = new URL(await start().url())
    expect(url.hostname).toBe('127.0.0.1')
    await expect(get(`http://127.0.0.2:${url.port}`)).rejects.toThrow('ECONNREFUSED')
  })

  testOf('logs requests, but no healthy probe, as JSON lines', async () => {
    const agent = start()
    const url = await agent.url()
    await get(`${url}/health`)
    await get(`${url}/some/path`)
    expect(await agent.waitForLine('request')).toMatchObject({ level: 'info', path: '/some/path', status: 404 })
    expect(agent.lines().map((line) => line.msg)).toEqual(['listening', 'request'])
  })

  testOf('exits 0 on SIGTERM, within a second', async () => {
    const agent = start()
    await agent.url()
    const exit = await agent.kill('SIGTERM')
    expect(exit).toMatchObject({ code: 0, signal: null })
    expect(exit.afterMs).toBeLessThan(1_000)
    expect(agent.lines().at(-1)).toMatchObject({ msg: 'stopped' })
  })

  testOf('answers the request in flight before it exits on SIGTERM', async () => {
    const agent = start()
    const { answer } = await getInFlight(await agent.url(), '/?delayMs=400')
    const exit = await agent.kill('SIGTERM')
    expect(exit.code).toBe(0)
    expect(await answer).toContain('200 OK')
    expect(await answer).toContain(greeting)
    // The connection of the probe may still count for a moment after its answer.
    expect(agent.lines().find((line) => line.msg === 'stopping')?.['inFlight']).toBeGreaterThanOrEqual(1)
    await expect(get(await agent.url())).rejects.toThrow('ECONNREFUSED')
  })

  testOf('waits no longer than the drain deadline, and says so', async () => {
    const agent = start()
    const { answer } = await getInFlight(await agent.url(), '/?delayMs=10000')
    const exit = await agent.kill('SIGTERM')
    expect(exit.code).toBe(0)
    expect(exit.afterMs).toBeLessThan(5_000)
    expect(await answer.catch(() => '')).not.toContain(greeting)
    expect(await agent.waitForLine('drain deadline reached, closing what is left')).toMatchObject({ inFlight: 1 })
  })

  testOf('is not held up by a connection that is kept alive', async () => {
    const agent = start()
    const keepAlive = new http.Agent({ keepAlive: true })
    onTestFinished(() => keepAlive.destroy())
    await get(await agent.url(), { agent: keepAlive })
    const exit = await agent.kill('SIGTERM')
    expect(exit.code).toBe(0)
    expect(exit.afterMs).toBeLessThan(800)
  })

  testOf('refuses a port that it cannot have, in one line and with exit code 2', async () => {
    const taken = net.createServer().listen(0, '127.0.0.1')
    onTestFinished(() => void taken.close())
    await new Promise((resolve) => taken.once('listening', resolve))
    const port = (taken.address() as net.AddressInfo).port
    for (const [text, reason] of [
      ['http', 'PORT must be a number from 0 to 65535, not "http"'],
      ['65536', 'PORT must be a number from 0 to 65535, not "65536"'],
      [String(port), 'cannot listen: '],
    ] as const) {
      const agent = start({ PORT: text })
      expect(await agent.exited).toMatchObject({ code: 2 })
      expect(agent.stderr()).toMatch(/^[^\n]+\n$/)
      expect(agent.stderr()).toContain(`${name}: ${reason}`)
      expect(agent.stdout()).toBe('')
    }
  })
})
