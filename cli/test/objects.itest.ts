import { RESOURCES, type AgentService, type ConfigMap, type Secret } from '@orc/schemas'
import { ApiError } from '@orc/sdk/client'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startOrc, type Orc } from '../../controller/test/harness.ts'
import { orc as runOrc, startCommand, type OrcOptions, type Ran } from './run-orc.ts'

let controller: Orc
/** Outside the watched directory. */
let outside: string

beforeAll(async () => {
  outside = await mkdtemp(path.join(os.tmpdir(), 'orc-cli-'))
  controller = await startOrc({
    manifests: {
      'plain.yaml': secret('hunter2'),
      'steady.yaml': agent('steady', ['sleep', '300'], '  ports: [{name: http, port: 0}]\n'),
      'crash.yaml': agent('crash', ['sh', '-c', 'echo "\u001b[31mno feed\u001b[0m"; exit 7']),
    },
  })
  await controller.waitFor('the first services', async () => {
    const crash = await read('crash')
    return (await read('steady')).status?.readyReplicas === 1 && (crash.status?.restartCount ?? 0) > 0
      ? true
      : undefined
  })
})

afterAll(async () => {
  await rm(outside, { recursive: true, force: true })
  await controller.stop()
})

function agent(name: string, command: readonly string[], more = ''): string {
  const argv = JSON.stringify(command)
  return `apiVersion: orc.dev/v1alpha1\nkind: AgentService\nmetadata: {name: ${name}}\nspec:\n  command: ${argv}\n${more}`
}

function secret(value: string): string {
  return `apiVersion: v1\nkind: Secret\nmetadata: {name: plain}\nstringData: {token: ${value}}\n`
}

function orc(argv: readonly string[], options: OrcOptions = {}): Promise<Ran> {
  return runOrc(argv, { cwd: outside, env: { ORC_STATE_DIR: controller.stateDir }, ...options })
}

function read(name: string, namespace = 'default'): Promise<AgentService> {
  return controller.client.get<AgentService>(RESOURCES.agentservices, name, namespace)
}

async function exists(name: string, namespace = 'default'): Promise<boolean> {
  try {
    await read(name, namespace)
    return true
  } catch (error) {
    if (error instanceof ApiError && error.code === 404) return false
    throw error
  }
}

async function file(name: string, text: string): Promise<string> {
  const target = path.join(outside, name)
  await mkdir(path.dirname(target), { recursive: true })
  await writeFile(target, text)
  return name
}

describe('get', () => {
  test('shows services with the process ids and ports of their replicas', async () => {
    const { code, stdout } = await orc(['get', 'as', 'steady', '-o', 'wide'])
    const pod = await controller.client.get(RESOURCES.pods, 'steady-0', 'default')
    const { status, spec } = pod as { status: { orc: { pid: number } }; spec: { containers: [{ ports: [unknown] }] } }
    const [port] = spec.containers[0].ports as [{ containerPort: number }]
    expect(code).toBe(0)
    expect(existsSync(`/proc/${String(status.orc.pid)}`)).toBe(true)
    expect(stdout.split('\n')[0]).toMatch(/^NAME +READY +STATUS +RESTARTS +AGE +PORTS +PIDS +MESSAGE$/)
    expect(stdout.split('\n')[1]).toMatch(
      new RegExp(
        `^steady +1/1 +Running +0 +\\d+s +${String(port.containerPort)} +${String(status.orc.pid)} +Ready\\.$`,
      ),
    )
  })

  test('takes services by name alone, and names what is not there', async () => {
    expect((await orc(['get', 'steady'])).stdout).toMatch(/^steady +1\/1/m)
    const { code, stdout, stderr } = await orc(['get', 'as', 'steady', 'nobody'])
    expect(code).toBe(1)
    expect(stdout).toMatch(/^steady /m)
    expect(stderr).toBe('error: agentservices.orc.dev "nobody" not found\n')
    expect((await orc(['get', 'stedy'])).stderr).toBe(
      'error: there is no kind and no service "stedy"; did you mean "steady"?\n',
    )
  })

  test('gives YAML, JSON and names that other commands take', async () => {
    const yaml = await orc(['get', 'as', 'steady', '-o', 'yaml'])
    expect(yaml.stdout).toMatch(/^apiVersion: orc\.dev\/v1alpha1\nkind: AgentService\n/)
    const list = JSON.parse((await orc(['get', 'as,pods', '-o', 'json'])).stdout) as { kind: string; items: unknown[] }
    expect(list.kind).toBe('List')
    expect(list.items.length).toBeGreaterThanOrEqual(4)
    const names = await orc(['get', 'pods', '-l', 'orc.dev/service=steady', '-o', 'name'])
    expect(names.stdout).toBe('pod/steady-0\n')
    expect((await orc(['get', names.stdout.trim()])).stdout).toMatch(/^steady-0 +1\/1/m)
  })

  test('shows tables of several kinds, of all namespaces, and of nothing', async () => {
    const all = await orc(['get', 'all', '-A'])
    expect(all.stdout).toMatch(/^NAMESPACE +NAME .*\ndefault +agentservice\.orc\.dev\/crash /)
    expect(all.stdout).toMatch(/\n\nNAMESPACE +NAME .*\ndefault +pod\/crash-0 /)
    expect(await orc(['get', 'pods', '-n', 'empty'])).toEqual({
      code: 0,
      stdout: '',
      stderr: 'No resources found in namespace empty.\n',
    })
  })

  test('goes on showing changes until it is interrupted', async () => {
    const watching = startCommand(['get', 'cm', '-n', 'watched', '-w'], {
      env: { ORC_STATE_DIR: controller.stateDir },
    })
    const configMap: ConfigMap = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'one', namespace: 'watched' },
      data: { a: '1' },
    }
    await controller.waitFor('the head', () => watching.stdout().includes('NAME') || undefined)
    await controller.client.create(RESOURCES.configmaps, configMap)
    await controller.waitFor('a row', () => /^one +1 /m.test(watching.stdout()) || undefined)
    await controller.client.patch(RESOURCES.configmaps, 'one', 'watched', { data: { b: '2' } })
    await controller.waitFor('a second row', () => /^one +2 /m.test(watching.stdout()) || undefined)
    watching.interrupt()
    const { code, stderr } = await watching.ended
    expect({ code, stderr }).toEqual({ code: 130, stderr: '' })
  })
})

describe('describe', () => {
  test('says how a replica ended and what it wrote last, without its control characters', async () => {
    const { code, stdout } = await orc(['describe', 'agentservice', 'crash'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^Manifest: +crash\.yaml$/m)
    expect(stdout).toMatch(/^ +Ready +False +(CrashLoopBackOff|BackOff|Starting) /m)
    expect(stdout).toMatch(/^ +Last exit: +code 7 \(Exited\), /m)
    expect(stdout).toMatch(/^ +\| no feed$/m)
    expect(stdout).not.toContain('\u001b')
    expect((await orc(['describe', 'as', 'crash', '--raw'])).stdout).toContain('\u001b[31mno feed')
  })

  test('warns of a broken file that declares the service', async () => {
    const target = path.join(controller.manifestsDir, 'shaky.yaml')
    await writeFile(target, agent('shaky', ['sleep', '300']))
    await controller.waitFor('shaky', async () => (await exists('shaky')) || undefined)
    await writeFile(target, agent('shaky', ['sleep', '300'], '  replicsa: 2\n'))
    const stdout = await controller.waitFor('the warning', async () => {
      const described = await orc(['describe', 'as', 'shaky'])
      return described.stdout.includes('Warnings') ? described.stdout : undefined
    })
    expect(stdout).toMatch(/shaky\.yaml is not in force as it stands:\n.*shaky\.yaml:6:3: .*did you mean "replicas"\?/)
  })

  test('shows a Secret without its values', async () => {
    const secret: Secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'quiet', namespace: 'default' },
      stringData: { token: 'hunter2' },
    }
    await controller.client.create(RESOURCES.secrets, secret)
    const { stdout } = await orc(['describe', 'secret', 'quiet'])
    expect(stdout).toMatch(/token: 7 bytes/)
    expect(stdout).not.toMatch(/hunter2|aHVudGVyMg/)
  })
})

describe('apply', () => {
  test('creates, changes and leaves alone, and the world follows', async () => {
    const name = await file('web.yaml', agent('web', ['sleep', '300']))
    expect(await orc(['apply', '-f', name])).toEqual({
      code: 0,
      stdout: 'agentservice.orc.dev/web created\n',
      stderr: '',
    })
    const stored = path.join(controller.manifestsDir, 'default/web.agentservice.yaml')
    expect(existsSync(stored)).toBe(true)
    const before = await readFile(stored, 'utf8')
    expect((await orc(['apply', '-f', name])).stdout).toBe('agentservice.orc.dev/web unchanged\n')
    expect(await readFile(stored, 'utf8')).toBe(before)
    await file('web.yaml', agent('web', ['sleep', '400']))
    expect((await orc(['apply', '-f', name])).stdout).toBe('agentservice.orc.dev/web configured\n')
    expect((await read('web')).spec.command).toEqual(['sleep', '400'])
  })

  test('keeps replicas, a stop and a restart that the file does not mention', async () => {
    const name = await file('kept.yaml', agent('kept', ['sleep', '300']))
    await orc(['apply', '-f', name])
    await orc(['scale', 'kept', '--replicas', '2'])
    await orc(['restart', 'kept'])
    await orc(['stop', 'kept', '--reason', 'budget'])
    const before = await read('kept')
    expect((await orc(['apply', '-f', name])).stdout).toBe('agentservice.orc.dev/kept unchanged\n')
    const { spec, metadata } = await read('kept')
    expect(spec).toMatchObject({ replicas: 2, operatingMode: 'Stopped', operatingModeReason: 'budget' })
    expect(metadata.annotations).toEqual(before.metadata.annotations)
    await file('kept.yaml', agent('kept', ['sleep', '300'], '  operatingMode: Running\n'))
    await orc(['apply', '-f', name])
    expect((await read('kept')).spec).toMatchObject({ replicas: 2, operatingMode: 'Running' })
    expect((await read('kept')).spec.operatingModeReason).toBeUndefined()
  })

  test('takes several documents from standard input, into the namespace given', async () => {
    const text = `${agent('in-a', ['sleep', '300'])}---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: in-b}\ndata: {a: b}\n`
    expect(await orc(['apply', '-n', 'team', '-f', '-'], { stdin: text })).toEqual({
      code: 0,
      stdout: 'agentservice.orc.dev/in-a created\nconfigmap/in-b created\n',
      stderr: '',
    })
    expect(await exists('in-a', 'team')).toBe(true)
  })

  test('changes nothing of a file with a mistake, names the place, and applies the other files', async () => {
    await file('set/a-good.yaml', agent('set-good', ['sleep', '300']))
    await file(
      'set/b-bad.yaml',
      `${agent('set-first', ['sleep', '300'])}---\n${agent('set-bad', ['x'], '  replicas: -1\n')}`,
    )
    await file('set/notes.txt', 'not a manifest')
    const { code, stdout, stderr } = await orc(['apply', '-f', 'set'])
    expect(code).toBe(1)
    expect(stdout).toBe('agentservice.orc.dev/set-good created\n')
    expect(stderr).toMatch(/^set\/b-bad\.yaml:12:13: spec\.replicas: must be at least 0; got -1\n/)
    expect(stderr).toContain('error: nothing of set/b-bad.yaml is applied; the other files are\n')
    expect(await exists('set-first')).toBe(false)
  })

  test('waits for a file of the watched directory instead of sending it', async () => {
    const target = path.join(controller.manifestsDir, 'own.yaml')
    await writeFile(target, agent('own', ['sleep', '300']))
    const { code, stdout } = await orc(['apply', '-f', target])
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: `agentservice.orc.dev/own loaded (${target} is watched)\n`,
    })
    expect(await exists('own')).toBe(true)
    expect(existsSync(path.join(controller.manifestsDir, 'default/own.agentservice.yaml'))).toBe(false)
  })

  test('says what the controller holds against a watched file', async () => {
    const target = path.join(controller.manifestsDir, 'twin.yaml')
    await writeFile(target, agent('steady', ['sleep', '1']))
    const { code, stdout, stderr } = await orc(['apply', '-f', target])
    await rm(target)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^error: .*steady/)
    expect((await read('steady')).spec.command).toEqual(['sleep', '300'])
  })

  test('says which file is not there', async () => {
    expect(await orc(['apply', '-f', 'missing.yaml'])).toEqual({
      code: 1,
      stdout: '',
      stderr: 'error: missing.yaml cannot be read: there is no such file or directory\n',
    })
  })

  test('passes on what the server refuses, and goes on', async () => {
    const text = `${secret('other')}---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: after}\ndata: {a: b}\n`
    const { code, stdout, stderr } = await orc(['apply', '-f', '-'], { stdin: text })
    expect(code).toBe(1)
    expect(stdout).toBe('configmap/after created\n')
    expect(stderr).toMatch(/^error: secret\/plain: .*plain\.yaml writes this Secret as stringData/m)
    expect(stderr).not.toContain('other')
  })

  test('does not claim that -n moved a watched file', async () => {
    const target = path.join(controller.manifestsDir, 'steady.yaml')
    const { code, stdout, stderr } = await orc(['apply', '-n', 'team', '-f', target])
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain('is watched, where -n has no effect: steady is in namespace default')
  })
})

describe('delete', () => {
  test('takes a service out of its file and ends its process', async () => {
    await orc(['apply', '-f', '-'], { stdin: agent('doomed', ['sleep', '300']) })
    const pid = await controller.waitFor('its process', async () => {
      const pods = await controller.client.list<{ metadata: { name: string }; status: { orc: { pid?: number } } }>(
        RESOURCES.pods,
      )
      return pods.items.find(({ metadata }) => metadata.name === 'doomed-0')?.status.orc.pid
    })
    expect(await orc(['delete', 'agentservice', 'doomed'])).toEqual({
      code: 0,
      stdout: 'agentservice.orc.dev "doomed" deleted\n',
      stderr: '',
    })
    await controller.waitFor('its end', () => !existsSync(`/proc/${String(pid)}`) || undefined)
    expect(existsSync(path.join(controller.manifestsDir, 'default/doomed.agentservice.yaml'))).toBe(false)
  })

  test('takes files, and more than one name, and goes on after one that is not there', async () => {
    const name = await file('pair.yaml', `${agent('pair-a', ['sleep', '9'])}---\n${agent('pair-b', ['sleep', '9'])}`)
    await orc(['apply', '-f', name])
    const first = await orc(['remove', 'pair-x', 'pair-a'])
    expect(first.code).toBe(1)
    expect(first.stdout).toBe('agentservice.orc.dev "pair-a" deleted\n')
    expect(first.stderr).toBe('error: there is no service "pair-x" in namespace default; did you mean "pair-a"?\n')
    const second = await orc(['delete', '-f', name, '--ignore-not-found'])
    expect(second).toEqual({ code: 0, stdout: 'agentservice.orc.dev "pair-b" deleted\n', stderr: '' })
    expect(await exists('pair-b')).toBe(false)
  })

  test('takes a file of the watched directory by its path, with all that it declares', async () => {
    await mkdir(path.join(controller.manifestsDir, 'team'), { recursive: true })
    const filed = path.join(controller.manifestsDir, 'team/filed.yaml')
    await writeFile(filed, `${agent('filed-a', ['sleep', '9'])}---\n${agent('filed-b', ['sleep', '9'])}`)
    await controller.waitFor('both', async () => ((await exists('filed-a')) && (await exists('filed-b'))) || undefined)
    expect((await orc(['get', 'manifest/team/filed.yaml', '-o', 'jsonpath={.spec.path}'])).stdout).toBe(
      'team/filed.yaml',
    )
    expect(await orc(['delete', 'manifest', 'team/filed.yaml'])).toEqual({
      code: 0,
      stdout: 'manifest.orc.dev "team/filed.yaml" deleted\n',
      stderr: '',
    })
    expect(existsSync(filed)).toBe(false)
    expect(await exists('filed-a')).toBe(false)
    const again = await orc(['delete', 'manifest', 'team/filed.yaml'])
    expect(again.code).toBe(1)
    expect(again.stderr).toMatch(/^error: there is no manifest "team\/filed.yaml".+\n$/)
    expect((await orc(['delete', 'manifest/team/filed.yaml', '--ignore-not-found'])).code).toBe(0)
  })
})

describe('validate', () => {
  test('names every mistake of every file, and objects that are declared twice', async () => {
    await file('checked/a.yaml', agent('same', ['x']))
    await file('checked/below/b.yaml', `${agent('same', ['x'])}---\n${agent('odd', ['x'], '  replicas: 1.5\n')}`)
    const { code, stdout, stderr } = await orc(['validate', 'checked'])
    expect(code).toBe(1)
    expect(stderr).toMatch(/^checked\/below\/b\.yaml:12:13: spec\.replicas: must be integer; got 1\.5$/m)
    await file('checked/below/b.yaml', agent('same', ['x']))
    const twice = await orc(['validate', 'checked'])
    expect(twice.stderr).toContain('AgentService/default/same is declared in checked/a.yaml too')
    expect(stdout + twice.stdout).toBe('2 files, 1 object: 1 error\n2 files, 2 objects: 1 error\n')
  })

  test('says that all is well', async () => {
    const ran = await orc(['validate', '-'], { stdin: agent('fine', ['x']) })
    expect(ran).toEqual({ code: 0, stdout: '1 file, 1 object: all valid\n', stderr: '' })
  })
})
