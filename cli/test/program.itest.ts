import { spawn } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { service } from './fixtures.ts'

const PROGRAM = path.resolve(import.meta.dirname, '../dist/orc.js')

let dir: string
const many = Array.from({ length: 3000 }, (_, at) => service(`service-${String(at)}`))
const server = createServer((request, response) => {
  // A watch goes on for ever.
  if (request.url?.includes('watch=true') === true) response.flushHeaders()
  else response.end(JSON.stringify({ kind: 'List', metadata: { resourceVersion: '1' }, items: many }))
})

beforeAll(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), 'orc-cli-'))
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`
  const config = {
    clusters: [{ name: 'a', cluster: { server: address } }],
    users: [{ name: 'b', user: { token: 't' } }],
  }
  await writeFile(path.join(dir, 'kubeconfig'), JSON.stringify(config))
})

afterAll(async () => {
  server.closeAllConnections()
  server.close()
  await rm(dir, { recursive: true, force: true })
})

interface Ended {
  readonly code: number | null
  readonly signal: string | null
  readonly stdout: string
  readonly stderr: string
}

function run(command: string, onOutput: (pid: number) => void = () => undefined): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn('bash', ['-c', command], { env: { ...process.env, ORC_STATE_DIR: dir, PROGRAM } })
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (piece: Buffer) => {
      stdout += piece.toString()
      onOutput(child.pid ?? 0)
    })
    child.stderr.on('data', (piece: Buffer) => (stderr += piece.toString()))
    child.on('close', (code, signal) => {
      resolve({ code, signal, stdout, stderr })
    })
  })
}

test('ends quietly when the reader of its output goes away', async () => {
  const { code, stdout, stderr } = await run('set -o pipefail; "$PROGRAM" get | head -1')
  expect(stdout).toMatch(/^NAME +READY/)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
})

test('writes all that it has to a slow pipe', async () => {
  const { stdout } = await run('"$PROGRAM" get -o json | (sleep 0.3; cat) | wc -c')
  expect(Number(stdout)).toBeGreaterThan(1_000_000)
})

test('Ctrl-C ends a watch quietly', async () => {
  let isSent = false
  const { code, stderr } = await run('exec "$PROGRAM" get -w', (pid) => {
    if (!isSent) setTimeout(() => process.kill(pid, 'SIGINT'), 300)
    isSent = true
  })
  expect({ code, stderr }).toEqual({ code: 130, stderr: '' })
})

test('a failure is one line on stderr and an exit code', async () => {
  const { code, stdout, stderr } = await run('"$PROGRAM" frob')
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toMatch(/^error: unknown command "frob"/)
})
