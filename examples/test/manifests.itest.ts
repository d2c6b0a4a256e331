/** The shipped manifests are valid, and what each says (command, directory, variables, probes) really starts. */
import { readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { decode, isAgentService, type AgentService } from '@orc/schemas'
import { describe, expect, test } from 'vitest'
import { MANIFESTS, startAgent, temporaryDirectory } from './support/agent.ts'
import { get } from './support/http.ts'
import { poll } from './support/poll.ts'
import { pythonTest } from './support/python.ts'

const files = readdirSync(MANIFESTS).filter((name) => name.endsWith('.yaml'))

test('there is one for each example', () => {
  const examples = ['crash-loop', 'hello-node', 'hello-python', 'reddit-monitor']
  expect(files.sort()).toEqual(examples.map((name) => `${name}.yaml`))
})

describe.each(files)('%s', (file) => {
  const name = path.basename(file, '.yaml')
  const testOf = readFileSync(path.join(MANIFESTS, file), 'utf8').includes('[python3') ? pythonTest : test

  test('is valid and says what it is', () => {
    const { metadata, spec } = read(file)
    expect(metadata.name).toBe(name)
    expect(metadata.labels?.['orc.dev/type']).toMatch(/^(monitoring|sample)$/)
    expect(spec.description).toMatch(/^[A-Z].*[^.]$/)
    expect(spec.workingDir).toBe(`examples/${name}`)
    expect(spec.operatingMode).toBe(name === 'crash-loop' ? 'Stopped' : 'Running')
    for (const port of spec.ports ?? []) expect(port.port).toBe(0)
  })

  testOf('starts as it says, and passes its probes', async () => {
    const { spec } = read(file)
    const agent = startAgent({
      command: [...spec.command, ...(spec.args ?? [])],
      workingDir: path.resolve(MANIFESTS, '..', spec.workingDir ?? ''),
      env: { ...environment(spec), ...redirected(name) },
    })
    const paths = [spec.startupProbe, spec.readinessProbe, spec.livenessProbe].flatMap(
      (probe) => probe?.httpGet?.path ?? [],
    )
    if (paths.length === 0) {
      await agent.waitForLine('started')
    } else {
      const url = await agent.url()
      for (const each of paths) await poll(`${each} of ${name}`, async () => (await get(url + each)).status === 200)
    }
    const exit = await agent.kill(spec.stopSignal ?? 'SIGTERM')
    expect(exit).toMatchObject({ code: 0 })
    expect(exit.afterMs).toBeLessThan((spec.terminationGracePeriodSeconds ?? 30) * 1_000)
  })
})

test('crash-loop tells how to start it', () => {
  expect(read('crash-loop.yaml').spec.operatingModeReason).toContain('orc start crash-loop')
})

function read(file: string): AgentService {
  const { documents, errors } = decode(readFileSync(path.join(MANIFESTS, file), 'utf8'))
  expect([...errors, ...documents.flatMap((document) => document.errors)]).toEqual([])
  const objects = documents.map((document) => document.object)
  expect(objects).toHaveLength(1)
  const [object] = objects
  if (object === undefined || !isAgentService(object)) throw new Error(`${file} holds no AgentService`)
  return object
}

function environment(spec: AgentService['spec']): Record<string, string> {
  return Object.fromEntries((spec.env ?? []).map(({ name, value }) => [name, value ?? '']))
}

/** A test writes nothing into the checkout. */
function redirected(name: string): Record<string, string> {
  if (name !== 'reddit-monitor') return {}
  const dir = temporaryDirectory()
  return { STATE_DIR: path.join(dir, 'state'), DIGEST_DIR: path.join(dir, 'digests') }
}
