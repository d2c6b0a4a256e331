import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { orc, type Ran } from './run-orc.ts'

let dir: string
let server: Server | undefined

beforeEach(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), 'orc-cli-'))
})

afterEach(async () => {
  server?.closeAllConnections()
  server?.close()
  server = undefined
  await rm(dir, { recursive: true, force: true })
})

/** A server that answers as told; the path of a kubeconfig that names it. */
async function serve(answer: RequestListener): Promise<string> {
  const started = createServer(answer)
  server = started
  await new Promise<void>((resolve) => {
    started.listen(0, '127.0.0.1', resolve)
  })
  return kubeconfig(`http://127.0.0.1:${String((started.address() as AddressInfo).port)}`)
}

async function kubeconfig(address: string, text?: string): Promise<string> {
  const file = path.join(dir, 'kubeconfig')
  const config = {
    clusters: [{ name: 'a', cluster: { server: address } }],
    users: [{ name: 'b', user: { token: 't' } }],
  }
  await writeFile(file, text ?? JSON.stringify(config))
  return file
}

const get = (file: string): Promise<Ran> => orc(['get', '--kubeconfig', file])
const pods = { kind: 'PodList', metadata: {}, items: [{ metadata: { name: 'web-0', namespace: 'default' } }] }
const isLog = ({ url }: IncomingMessage): boolean => url?.includes('/log') === true

test('nothing answers: one line with the address, the file and what to do', async () => {
  const file = await serve(() => undefined)
  const { port } = server?.address() as AddressInfo
  await new Promise((resolve) => server?.close(resolve))
  expect(await get(file)).toEqual({
    code: 1,
    stdout: '',
    stderr: `error: nothing answers at http://127.0.0.1:${String(port)} (from ${file}); start orc with "orc up" or "npm start"\n`,
  })
})

test('another server answers: what it said, shortened and harmless', async () => {
  const file = await serve((_, response) => {
    response.writeHead(500).end(`<html>\u001b[31m${'x'.repeat(5000)}`)
  })
  const { code, stderr } = await get(file)
  expect(code).toBe(1)
  expect(stderr).toMatch(/^error: the server answered 500: <html>x+\n$/)
  expect(stderr.length).toBeLessThan(300)
})

test('the token is of another controller: which file it came from', async () => {
  const file = await serve((_, response) => {
    response.writeHead(401).end('{"kind":"Status","code":401,"message":"Unauthorized"}')
  })
  const { code, stderr } = await get(file)
  expect(code).toBe(1)
  expect(stderr).toMatch(new RegExp(`does not know the token in ${file}; is it the file of another controller\\?\n$`))
})

test('the connection breaks in the middle of a log: what came is shown, then one line', async () => {
  const file = await serve((request, response) => {
    if (!isLog(request)) return void response.end(JSON.stringify(pods))
    response.write('first line\n', () => request.socket.destroy())
  })
  const { code, stdout, stderr } = await orc(['logs', 'web-0', '--kubeconfig', file])
  expect({ code, stdout }).toEqual({ code: 1, stdout: 'first line\n' })
  expect(stderr).toMatch(/^error: the connection to http:\/\/127\.0\.0\.1:\d+ broke: ECONNRESET\n$/)
})

test('the connection breaks while a log is followed: it goes on where it was, and ends with the pod', async () => {
  let times = 0
  const file = await serve((request, response) => {
    if (isLog(request)) {
      times += 1
      if (times === 1) return void response.write('one\ntwo\nth', () => request.socket.destroy())
      return void response.end('one\ntwo\nthree\n')
    }
    if (times === 2 && request.url?.endsWith('/pods/web-0') === true) response.statusCode = 404
    response.end(JSON.stringify(pods))
  })
  const { code, stdout, stderr } = await orc(['logs', 'pod/web-0', '-f', '--kubeconfig', file])
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'one\ntwo\nthree\n' })
  expect(stderr).toMatch(/^the connection to http:\/\/127\.0\.0\.1:\d+ broke: ECONNRESET; trying again\n$/)
})

test('a sequence that comes in two pieces is stripped all the same', async () => {
  const file = await serve((request, response) => {
    if (!isLog(request)) return void response.end(JSON.stringify(pods))
    response.write('a\u001b[3')
    setTimeout(() => response.end('1mb\n'), 30)
  })
  expect((await orc(['logs', 'web-0', '--kubeconfig', file])).stdout).toBe('ab\n')
})

test('warnings of the server are shown', async () => {
  const service = {
    apiVersion: 'orc.dev/v1alpha1',
    kind: 'AgentService',
    metadata: { name: 'web' },
    spec: { command: [] },
  }
  const file = await serve((_, response) => {
    response.setHeader('Warning', '299 - "take \\"care\\""').end(JSON.stringify(service))
  })
  expect(await orc(['restart', 'web', '--kubeconfig', file])).toEqual({
    code: 0,
    stdout: 'agentservice.orc.dev/web restarted\n',
    stderr: 'Warning: take "care"\n',
  })
})

test('a kubeconfig may be YAML, with several contexts', async () => {
  const seen: (string | undefined)[] = []
  const file = await serve((request, response) => {
    seen.push(request.headers.authorization)
    response.end('{"kind":"List","metadata":{},"items":[]}')
  })
  const address = (server?.address() as AddressInfo).port
  await kubeconfig(
    '',
    `clusters:
- {name: other, cluster: {server: "http://127.0.0.1:1"}}
- {name: mine, cluster: {server: "http://127.0.0.1:${String(address)}"}}
users:
- {name: other, user: {token: no}}
- {name: me, user: {token: yes-this}}
contexts:
- {name: x, context: {cluster: other, user: other}}
- {name: y, context: {cluster: mine, user: me}}
current-context: y
`,
  )
  expect((await get(file)).code).toBe(0)
  expect(seen).toEqual(['Bearer yes-this'])
})

test.each([
  ['is no kubeconfig', 'a: [', /^error: .*kubeconfig is not a kubeconfig: /],
  ['names no server', '{}', /^error: .*kubeconfig names no server with a token; remove it, and start orc with /],
  ['is empty', '', /^error: .*kubeconfig names no server with a token/],
])('a file that %s is refused in one line', async (_, text, sentence) => {
  const { code, stderr } = await get(await kubeconfig('', text))
  expect(code).toBe(1)
  expect(stderr).toMatch(sentence)
  expect(stderr.trimEnd().split('\n')).toHaveLength(1)
})
