import { RESOURCES, type AgentService, type Manifest } from '@orc/schemas'
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { get } from 'node:http'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startOrc, type Orc } from '../../controller/test/harness.ts'
import { orc as runOrc, type OrcOptions, type Ran } from './run-orc.ts'

let controller: Orc
let outside: string

beforeAll(async () => {
  outside = await mkdtemp(path.join(os.tmpdir(), 'orc-cli-'))
  controller = await startOrc({ manifests: { 'taken.yaml': TAKEN } })
})

afterAll(async () => {
  await rm(outside, { recursive: true, force: true })
  await controller.stop()
})

const TAKEN = `apiVersion: orc.dev/v1alpha1\nkind: AgentService\nmetadata: {name: taken}\nspec: {command: [sleep, "300"]}\n`
const SERVER = "require('http').createServer((q,r)=>r.end(process.cwd()+' '+process.env.WORD)).listen(process.env.PORT)"

function orc(argv: readonly string[], options: OrcOptions = {}): Promise<Ran> {
  return runOrc(argv, { cwd: controller.dir, env: { ORC_STATE_DIR: controller.stateDir }, ...options })
}

function read(name: string): Promise<AgentService> {
  return controller.client.get<AgentService>(RESOURCES.agentservices, name, 'default')
}

function fetchText(port: number, url = '/'): Promise<string> {
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, path: url, agent: false }, (response) => {
      let text = ''
      response.on('data', (piece: Buffer) => (text += piece.toString()))
      response.on('end', () => {
        resolve(text)
      })
    }).on('error', reject)
  })
}

describe('run', () => {
  test('makes a service of a command, waits until it answers, and says where its manifest is', async () => {
    await mkdir(path.join(controller.dir, 'agents/web'), { recursive: true })
    const cwd = path.join(controller.dir, 'agents/web')
    const argv = ['run', 'web', '--port', '--env', 'WORD=a=b', '--', process.execPath, '-e', SERVER]
    const { code, stdout, stderr } = await orc(argv, { cwd })
    expect(stderr).toBe('')
    expect(code).toBe(0)
    const file = path.join(controller.manifestsDir, 'default/web.agentservice.yaml')
    expect(stdout.split('\n')[0]).toBe(`agentservice.orc.dev/web created (${file})`)
    const port = Number(/^web is ready at 127\.0\.0\.1:(\d+)$/m.exec(stdout)?.[1])
    expect(await fetchText(port)).toBe(`${cwd} a=b`)
    expect(await readFile(file, 'utf8')).toContain('workingDir: agents/web')
  })

  test('declares replicas and a directory elsewhere', async () => {
    const argv = ['add', 'pair', '--replicas', '2', '--dir', outside, '--', 'sleep', '300']
    const { code, stdout } = await orc(argv)
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: 'agentservice.orc.dev/pair created (manifests/default/pair.agentservice.yaml)\npair is ready\n',
    })
    expect((await read('pair')).spec).toMatchObject({ replicas: 2, workingDir: outside, command: ['sleep', '300'] })
  })

  test('says that the name is taken, where, and what to do', async () => {
    const { code, stdout, stderr } = await orc(['run', 'taken', '--', 'true'])
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toBe(
      'error: agentservice.orc.dev/taken is already there (manifests/taken.yaml)\n' +
        'Edit that file, take another name, or remove it first: orc remove taken\n',
    )
    expect(await readFile(path.join(controller.manifestsDir, 'taken.yaml'), 'utf8')).toBe(TAKEN)
  })

  test('gives up on a command that fails, and says why and what to do', async () => {
    const { code, stderr } = await orc(['run', 'broken', '--', 'sh', '-c', 'echo no feed >&2; exit 3'])
    expect(code).toBe(1)
    expect(stderr).toMatch(/^error: broken does not get ready: .*code 3.*no feed/)
    expect(stderr).toContain('See "orc describe agentservice broken" and "orc logs broken"')
    expect((await orc(['remove', 'broken'])).code).toBe(0)
  })

  test('does not wait when told so, nor longer than told', async () => {
    expect((await orc(['run', 'later', '--no-wait', '--', 'sleep', '300'])).code).toBe(0)
    const slow = await orc(['run', 'slow', '--port', '--timeout', '1s', '--', 'sleep', '300'])
    expect(slow.code).toBe(1)
    expect(slow.stderr).toMatch(/^error: slow is not ready after 1 s: /)
  })

  test('shows on a terminal how it goes, and leaves nothing of that behind', async () => {
    const { stderr } = await orc(['run', 'shown', '--', 'sleep', '300'], { isTerminal: true })
    expect(stderr).toMatch(/^\r\u001b\[K/)
    expect(stderr.endsWith('\r\u001b[K')).toBe(true)
  })

  test('refuses what the server refuses, with the field', async () => {
    const { code, stderr } = await orc(['run', 'Web', '--', 'true'])
    expect(code).toBe(1)
    expect(stderr).toMatch(/^error: .*metadata\.name/)
  })
})

describe('init', () => {
  const templates = [
    ['node', 'agent.mjs'],
    ['python', 'agent.py'],
  ] as const

  test.each(templates)('writes a %s agent that runs, answers and ends when asked', async (template, program) => {
    const name = `${template}-agent`
    const { code, stdout, stderr } = await orc(['init', `agents/${name}`, '--template', template])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain(`created agents/${name}/${program}\ncreated manifests/${name}.yaml\n`)
    expect((await orc(['apply', '-f', `manifests/${name}.yaml`])).stdout).toContain('loaded')
    const wide = await controller.waitFor(`${name} to be ready`, async () => {
      const { stdout } = await orc(['get', 'as', name, '-o', 'wide'])
      return stdout.includes('1/1') ? stdout : undefined
    })
    const [, port, pid] = / (\d+) +(\d+) +Ready\.$/m.exec(wide) ?? []
    expect(JSON.parse(await fetchText(Number(port), '/health'))).toEqual({ status: 'ok' })
    expect(JSON.parse(await fetchText(Number(port), '/nothing'))).toEqual({ error: 'not found' })
    await orc(['stop', name])
    await controller.waitFor('its end', () => !existsSync(`/proc/${pid ?? ''}`) || undefined)
    const described = await controller.waitFor('the exit', async () => {
      const { stdout } = await orc(['describe', 'as', name])
      return stdout.includes('Last exit') ? stdout : undefined
    })
    // It was not killed: it heard the signal and finished by itself.
    expect(described).toMatch(/Last exit: +code 0 \(Stopped\)/)
    expect((await orc(['logs', name])).stdout).toContain('asked to end')
  })

  test('makes a directory that orc can watch', async () => {
    const { code, stdout } = await orc(['init', 'My Agent', '--template', 'python'], { cwd: outside })
    expect(code).toBe(0)
    expect(stdout).toContain('created My Agent/manifests/my-agent.yaml')
    expect(stdout).toContain('cd My Agent && orc up')
    expect((await readdir(path.join(outside, 'My Agent'))).toSorted()).toEqual(['agent.py', 'manifests'])
    const checked = execFileSync('python3', ['-m', 'py_compile', 'agent.py'], { cwd: path.join(outside, 'My Agent') })
    expect(checked.toString()).toBe('')
  })

  test('never writes over a file, and then writes nothing', async () => {
    await mkdir(path.join(outside, 'full'))
    await writeFile(path.join(outside, 'full/agent.mjs'), 'mine')
    const { code, stderr } = await orc(['init', 'full'], { cwd: outside })
    expect(code).toBe(1)
    expect(stderr).toBe(
      'error: full/agent.mjs is already there, so nothing was written; choose another directory or --name\n',
    )
    expect(await readFile(path.join(outside, 'full/agent.mjs'), 'utf8')).toBe('mine')
    expect(await readdir(path.join(outside, 'full'))).toEqual(['agent.mjs'])
  })
})

describe('dashboard', () => {
  test('prints an address whose code signs in once', async () => {
    const { code, stdout } = await orc(['dashboard'])
    expect(code).toBe(0)
    const [, server, loginCode] = /^(http:\/\/127\.0\.0\.1:\d+)\/#code=([\w-]+)\n$/.exec(stdout) ?? []
    expect(server).toBe(controller.url)
    const body = { code: loginCode }
    await controller.client.raw({ method: 'POST', path: '/auth/sessions', body })
    await expect(controller.client.raw({ method: 'POST', path: '/auth/sessions', body })).rejects.toThrow()
  })

  test('opens it in a browser, or says that there is none', async () => {
    const bin = path.join(outside, 'bin')
    await mkdir(bin)
    const none = await orc(['dashboard', '--open'], { env: { ORC_STATE_DIR: controller.stateDir, PATH: bin } })
    expect(none.code).toBe(1)
    expect(none.stdout).toContain('/#code=')
    expect(none.stderr).toMatch(/^error: no browser could be opened \((xdg-open|open): .*\); open the address above\n$/)
    const opened = path.join(outside, 'opened')
    for (const name of ['xdg-open', 'open']) {
      await writeFile(path.join(bin, name), `#!/bin/sh\necho "$1" > '${opened}'\n`)
      await chmod(path.join(bin, name), 0o755)
    }
    const { code, stdout } = await orc(['dashboard', '--open'], {
      env: { ORC_STATE_DIR: controller.stateDir, PATH: `${bin}:${process.env['PATH'] ?? ''}` },
    })
    expect(code).toBe(0)
    await controller.waitFor('the browser', () => existsSync(opened) || undefined)
    expect(await controller.waitFor('the address', async () => (await readFile(opened, 'utf8')) || undefined)).toBe(
      stdout,
    )
  })
})

test('a manifest of run is an ordinary file of the watched directory', async () => {
  const { items } = await controller.client.list<Manifest>(RESOURCES.manifests)
  expect(items.every(({ status }) => status.state === 'Loaded')).toBe(true)
})
