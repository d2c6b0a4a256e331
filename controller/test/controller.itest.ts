/** A real controller with real services: files in, processes out, and what the API says meanwhile. */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, readFile, rename, rm, unlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { findCondition, RESTARTED_AT, RESOURCES, type ConfigMap, type Manifest, type Secret } from '@orc/schemas'
import { describe, expect, test } from 'vitest'
import { absent, condition, current, get, gone, manifest, patch, pidOf, pods, sleeper, start } from './one-orc.ts'

describe('a manifest', () => {
  test('becomes a process that comes back when it is killed, and ends with its file', async () => {
    const { manifestsDir, waitFor } = await start({})
    const file = path.join(manifestsDir, 'a.yaml')
    await writeFile(file, sleeper('a'))
    await condition('a', 'Ready', 'Ready')
    const first = await pidOf('a')
    process.kill(first, 'SIGKILL')
    const pod = await waitFor('the restart', async () =>
      (await pods('a')).find(
        ({ status }) =>
          status.containerStatuses[0].restartCount === 1 && status.orc.pid !== undefined && status.orc.pid !== first,
      ),
    )
    expect(pod.status.containerStatuses[0].lastState.terminated).toMatchObject({
      exitCode: 137,
      signal: 9,
      reason: 'Killed',
    })
    expect((await condition('a', 'Ready', 'Ready')).status).toMatchObject({
      replicas: 1,
      readyReplicas: 1,
      restartCount: 1,
    })
    await unlink(file)
    await gone(pod.status.orc.pid ?? 0)
    await waitFor(
      'the object to be gone',
      async () => ((await get('a').catch(absent)) === undefined && (await pods('a')).length === 0) || undefined,
    )
  })

  test('that moves to another file restarts nothing', async () => {
    const { manifestsDir } = await start({ manifests: { 'a.yaml': sleeper('a') } })
    await condition('a', 'Ready', 'Ready')
    const pid = await pidOf('a')
    await rename(path.join(manifestsDir, 'a.yaml'), path.join(manifestsDir, 'b.yaml'))
    await new Promise((resolve) => setTimeout(resolve, 2500))
    expect(await pidOf('a')).toBe(pid)
    expect((await get('a')).status?.restartCount).toBe(0)
  })

  test('that breaks keeps the process and says where', async () => {
    const { manifestsDir } = await start({ manifests: { 'a.yaml': sleeper('a') } })
    await condition('a', 'Ready', 'Ready')
    const pid = await pidOf('a')
    await writeFile(path.join(manifestsDir, 'a.yaml'), sleeper('a', '  replicas: lots\n'))
    const broken = await condition('a', 'Accepted', 'InvalidManifest')
    expect(findCondition(broken.status?.conditions, 'Accepted')?.message).toContain('a.yaml:6:13: spec.replicas')
    expect(findCondition(broken.status?.conditions, 'Ready')?.status).toBe('True')
    expect(await pidOf('a')).toBe(pid)
  })
})

test('a large manifest is decoded like a small one, errors included', async () => {
  const entries = (line: string): string =>
    `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: big}\ndata:\n${Array.from({ length: 2000 }, (_, index) => `  k${String(index)}: some value that is longer\n`).join('')}${line}`
  const { client, manifestsDir, waitFor } = await start({ manifests: { 'big.yaml': entries('') } })
  expect(Object.keys((await client.get<ConfigMap>(RESOURCES.configmaps, 'big', 'default')).data ?? {})).toHaveLength(
    2000,
  )
  await writeFile(path.join(manifestsDir, 'big.yaml'), entries('  k0: again\n'))
  const broken = await waitFor('the verdict', async () =>
    (await client.list<Manifest>(RESOURCES.manifests)).items.find(({ status }) => status.state === 'Invalid'),
  )
  expect(broken.status.errors).toEqual(['big.yaml:2005:3: the key "k0" stands here twice'])
})

describe('a killed controller', () => {
  test('takes nothing with it; the next one goes on with the same processes', async () => {
    const { waitFor, kill, restart } = await start({ manifests: { 'a.yaml': sleeper('a', '  replicas: 3\n') } })
    await condition('a', 'Ready', 'Ready')
    const before = await Promise.all([0, 1, 2].map((ordinal) => pidOf('a', ordinal)))
    const { uid } = (await get('a')).metadata
    await kill()
    process.kill(before[1] ?? 0, 'SIGKILL')
    await restart()
    await waitFor(
      'three live replicas',
      async () =>
        ((await get('a')).status?.readyReplicas === 3 && (await get('a')).status?.restartCount === 1) || undefined,
    )
    const after = await Promise.all([0, 1, 2].map((ordinal) => pidOf('a', ordinal)))
    expect([after[0], after[2]]).toEqual([before[0], before[2]])
    expect(after[1]).not.toBe(before[1])
    expect((await get('a')).metadata.uid).toBe(uid)
  })

  test('does not make a broken file stop anything', async () => {
    const { manifestsDir, kill, restart } = await start({ manifests: { 'a.yaml': sleeper('a') } })
    await condition('a', 'Ready', 'Ready')
    const pid = await pidOf('a')
    await kill()
    await writeFile(path.join(manifestsDir, 'a.yaml'), 'kind: [')
    await restart()
    await condition('a', 'Accepted', 'InvalidManifest')
    expect(await pidOf('a')).toBe(pid)
  })

  test('may be followed by one that knows more fields, and a broken file stops nothing then', async () => {
    const { manifestsDir, stateDir, kill, restart } = await start({ manifests: { 'a.yaml': sleeper('a') } })
    await condition('a', 'Ready', 'Ready')
    const pid = await pidOf('a')
    const { generation } = (await get('a')).metadata
    await kill()
    // As an orc wrote it that had none of these.
    const file = path.join(stateDir, 'objects/default/AgentService/a.json')
    const record = JSON.parse(await readFile(file, 'utf8')) as { accepted: { spec: Record<string, unknown> } }
    for (const field of ['updateStrategy', 'reload', 'revisionHistoryLimit'])
      Reflect.deleteProperty(record.accepted.spec, field)
    await writeFile(file, JSON.stringify(record))
    await rm(path.join(stateDir, 'revisions'), { recursive: true })
    await writeFile(path.join(manifestsDir, 'a.yaml'), sleeper('a', '  replicas: lots\n'))
    await restart()
    await condition('a', 'Accepted', 'InvalidManifest')
    await condition('a', 'Ready', 'Ready')
    await writeFile(path.join(manifestsDir, 'a.yaml'), sleeper('a'))
    await condition('a', 'Accepted', 'Accepted')
    expect(await pidOf('a')).toBe(pid)
    expect((await get('a')).metadata.generation).toBe(generation)
  })

  test('does not make an emptied directory stop anything', async () => {
    const { manifestsDir, kill, restart } = await start({
      manifests: { 'a.yaml': sleeper('a'), 'b.yaml': sleeper('b') },
    })
    const before = [await pidOf('a'), await pidOf('b')]
    for (const name of ['a.yaml', 'b.yaml']) await unlink(path.join(manifestsDir, name))
    await condition('a', 'Accepted', 'Held')
    await kill()
    await restart()
    const held = await condition('b', 'Accepted', 'Held')
    expect(findCondition(held.status?.conditions, 'Accepted')?.message).toMatch(
      /^2 of 2 objects vanished at once at .*; nothing was stopped\. Put the files back, or say that they should go: orc confirm/,
    )
    expect([await pidOf('a'), await pidOf('b')]).toEqual(before)
  })

  test('beside a living one does nothing and says so', async () => {
    const { stateDir, manifestsDir } = await start({ manifests: { 'a.yaml': sleeper('a') } })
    await condition('a', 'Ready', 'Ready')
    const daemon = path.resolve(import.meta.dirname, '../../cli/dist/orcd.js')
    const second = spawn(
      process.execPath,
      [daemon, '--state-dir', stateDir, '--manifests', manifestsDir, '--listen', '127.0.0.1:0'],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    )
    let output = ''
    second.stderr.on('data', (piece: Buffer) => {
      output += piece.toString()
    })
    expect(await new Promise((resolve) => second.on('exit', resolve))).toBe(1)
    expect(output).toContain('another controller already uses')
    await pidOf('a')
  })
})

describe('a change', () => {
  test('of what runs replaces the process, in order: the old one ends first', async () => {
    const { manifestsDir, dir } = await start({})
    const script =
      'if ! mkdir lock; then echo DOUBLE >> double; fi; trap "rmdir lock; exit 0" TERM; echo $MODE > mode; while :; do sleep 0.05; done'
    const text = (mode: string): string =>
      manifest('a', ['sh', '-c', script], `  env: [{name: MODE, value: ${mode}}]\n`)
    await writeFile(path.join(manifestsDir, 'a.yaml'), text('one'))
    const mode = (wanted: string): Promise<true> =>
      current().waitFor(
        `mode ${wanted}`,
        async () => (await readFile(path.join(dir, 'mode'), 'utf8').catch(() => '')).trim() === wanted || undefined,
      )
    await mode('one')
    for (const next of ['two', 'three', 'four']) {
      await writeFile(path.join(manifestsDir, 'a.yaml'), text(next))
      await mode(next)
    }
    expect(existsSync(path.join(dir, 'double'))).toBe(false)
    expect((await condition('a', 'Ready', 'Ready')).status?.restartCount).toBe(0)
  })

  test('of a description restarts nothing', async () => {
    await start({ manifests: { 'a.yaml': sleeper('a') } })
    await condition('a', 'Ready', 'Ready')
    const pid = await pidOf('a')
    await patch('a', { spec: { description: 'Sleeps well' } })
    expect((await get('a')).metadata.generation).toBe(2)
    await current().waitFor(
      'the status to judge it',
      async () => (await get('a')).status?.observedGeneration === 2 || undefined,
    )
    expect(await pidOf('a')).toBe(pid)
  })

  test('through the API ends in the file: scale, restart, stop and start', async () => {
    const { manifestsDir, waitFor } = await start({ manifests: { 'a.yaml': sleeper('a', '  # keep me\n') } })
    await condition('a', 'Ready', 'Ready')
    await patch('a', { spec: { replicas: 3 } })
    await waitFor('three replicas', async () => (await get('a')).status?.readyReplicas === 3 || undefined)
    const first = await pidOf('a')
    await patch('a', { metadata: { annotations: { [RESTARTED_AT]: new Date().toISOString() } } })
    await waitFor('another process', async () => ((await pods('a'))[0]?.status.orc.pid ?? first) !== first || undefined)
    await patch('a', { spec: { operatingMode: 'Stopped', operatingModeReason: 'a holiday' } })
    const stopped = await condition('a', 'Ready', 'Stopped')
    expect(findCondition(stopped.status?.conditions, 'Ready')?.message).toBe('Stopped: a holiday.')
    await waitFor('no live replica', async () => (await get('a')).status?.replicas === 0 || undefined)
    const text = await readFile(path.join(manifestsDir, 'a.yaml'), 'utf8')
    for (const expected of [
      '# keep me',
      'replicas: 3',
      'operatingMode: Stopped',
      'operatingModeReason: a holiday',
      RESTARTED_AT,
    ])
      expect(text).toContain(expected)
    await patch('a', { spec: { operatingMode: 'Running', operatingModeReason: null } })
    await waitFor('three replicas again', async () => (await get('a')).status?.readyReplicas === 3 || undefined)
    expect(await readFile(path.join(manifestsDir, 'a.yaml'), 'utf8')).not.toContain('holiday')
  })
})

describe('a service that cannot be well', () => {
  test('backs off, longer each time, and says what it said last', async () => {
    await start({ manifests: { 'a.yaml': manifest('a', ['sh', '-c', 'echo out of luck; exit 3']) } })
    const service = await condition('a', 'Ready', 'CrashLoopBackOff')
    expect(findCondition(service.status?.conditions, 'Ready')?.message).toMatch(
      /exited with code 3 after .* Its last line: "out of luck". Restart \d+ waits for its backoff\.$/,
    )
    expect(service.status?.nextRetryTime).toBeDefined()
    const [pod] = await pods('a')
    expect(pod?.status.containerStatuses[0].state.waiting?.reason).toBe('CrashLoopBackOff')
    expect(pod?.status.containerStatuses[0].lastState.terminated).toMatchObject({
      exitCode: 3,
      reason: 'Exited',
      message: 'out of luck',
    })
  })

  test('and is not to be restarted stays down', async () => {
    await start({
      manifests: {
        'a.yaml': manifest('a', ['sh', '-c', 'exit 0'], '  restartPolicy: OnFailure\n'),
        'b.yaml': manifest('b', ['sh', '-c', 'exit 1'], '  restartPolicy: Never\n'),
      },
    })
    await condition('a', 'Ready', 'Completed')
    await condition('b', 'Ready', 'Failed')
  })

  test('because its program is nowhere is Stalled and says so; a correction heals it', async () => {
    const { manifestsDir } = await start({ manifests: { 'a.yaml': manifest('a', ['no-such-program']) } })
    const service = await condition('a', 'Stalled', 'StartFailed')
    expect(findCondition(service.status?.conditions, 'Stalled')?.message).toContain(
      'no-such-program is not in the PATH',
    )
    await writeFile(path.join(manifestsDir, 'a.yaml'), sleeper('a'))
    await condition('a', 'Ready', 'Ready')
  })

  test('because what it refers to is missing starts when it appears', async () => {
    const more =
      '  env: [{name: KEY, valueFrom: {secretKeyRef: {name: keys, key: token}}}]\n  envFrom: [{configMapRef: {name: settings}}]\n'
    const { client, dir, waitFor } = await start({
      manifests: { 'a.yaml': manifest('a', ['sh', '-c', 'echo "$KEY $MODE" > seen; sleep 300'], more) },
    })
    await condition('a', 'Stalled', 'ReferenceNotFound')
    await client.create<ConfigMap>(RESOURCES.configmaps, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'settings', namespace: 'default' },
      data: { MODE: 'fast' },
    })
    await client.create<Secret>(RESOURCES.secrets, {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'keys', namespace: 'default' },
      stringData: { token: 'canary-5117' },
    })
    await condition('a', 'Ready', 'Ready')
    await waitFor('the values', () => existsSync(path.join(dir, 'seen')) || undefined)
    expect(await readFile(path.join(dir, 'seen'), 'utf8')).toBe('canary-5117 fast\n')
    const pid = await pidOf('a')
    expect(await readFile(`/proc/${String(pid)}/cmdline`, 'latin1')).not.toContain('canary-5117')
    const record = path.join(current().stateDir, 'runs/default/a')
    const { execFileSync } = await import('node:child_process')
    expect(() =>
      execFileSync('grep', ['-r', 'canary-5117', record, path.join(current().stateDir, 'objects')]),
    ).toThrow()
  })
})

describe('the end of the controller', () => {
  test('by SIGTERM in the background leaves the services', async () => {
    const { restart } = await start({ manifests: { 'a.yaml': sleeper('a') } })
    const pid = await pidOf('a')
    await restart()
    expect(await pidOf('a')).toBe(pid)
  })

  test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('by %s in the foreground ends them', async (signal) => {
    const { manifestsDir, stateDir, waitFor, kill } = await start({
      manifests: { 'a.yaml': manifest('a', ['sh', '-c', 'trap "exit 0" TERM; while :; do sleep 0.05; done']) },
    })
    const pid = await pidOf('a')
    await kill()
    const program = path.resolve(import.meta.dirname, '../../cli/dist/orc.js')
    const foreground = spawn(
      process.execPath,
      [program, 'up', '--state-dir', stateDir, '--manifests', manifestsDir, '--listen', '127.0.0.1:0'],
      { stdio: 'ignore', env: { ...process.env, npm_lifecycle_event: undefined, npm_command: undefined } },
    )
    const file = path.join(stateDir, 'controller.json')
    await waitFor(
      'the foreground controller',
      async () => (JSON.parse(await readFile(file, 'utf8')) as { pid: number }).pid === foreground.pid || undefined,
    )
    expect(existsSync(`/proc/${String(pid)}`)).toBe(true)
    foreground.kill(signal)
    expect(await new Promise((resolve) => foreground.on('exit', resolve))).toBe(0)
    expect(existsSync(`/proc/${String(pid)}`)).toBe(false)
  })
})

describe('another manifests directory', () => {
  test('is refused with a sentence, and adopted when that is asked for', async () => {
    const { dir, stateDir, kill, waitFor } = await start({ manifests: { 'a.yaml': sleeper('a') } })
    const pid = await pidOf('a')
    await kill()
    const daemon = path.resolve(import.meta.dirname, '../../cli/dist/orcd.js')
    await rename(path.join(dir, 'manifests'), path.join(dir, 'agents'))
    const run = (args: readonly string[]) =>
      spawn(
        process.execPath,
        [
          daemon,
          '--detached',
          '--state-dir',
          stateDir,
          '--manifests',
          path.join(dir, 'agents'),
          '--listen',
          '127.0.0.1:0',
          ...args,
        ],
        { stdio: ['ignore', 'ignore', 'pipe'] },
      )
    const refused = run([])
    let output = ''
    refused.stderr.on('data', (piece: Buffer) => {
      output += piece.toString()
    })
    expect(await new Promise((resolve) => refused.on('exit', resolve))).toBe(2)
    expect(output).toContain('--adopt-root if the manifests have moved')
    expect(existsSync(`/proc/${String(pid)}`)).toBe(true)
    const adopted = run(['--adopt-root'])
    const file = path.join(stateDir, 'controller.json')
    await waitFor(
      'the adopting controller',
      async () => (JSON.parse(await readFile(file, 'utf8')) as { pid: number }).pid === adopted.pid || undefined,
    )
    expect(await pidOf('a')).toBe(pid)
    adopted.kill('SIGTERM')
    await new Promise((resolve) => adopted.on('exit', resolve))
  })
})

test('the state directory is private, and a foreign one is refused', async () => {
  const { stateDir, kill, dir } = await start({})
  const mode = async (file: string): Promise<number> =>
    (await import('node:fs/promises')).stat(path.join(stateDir, file)).then((stat) => stat.mode & 0o777)
  expect(await Promise.all(['.', 'token', 'kubeconfig', 'state.json', 'controller.json'].map(mode))).toEqual([
    0o700, 0o600, 0o600, 0o600, 0o600,
  ])
  expect(await readFile(path.join(stateDir, '.gitignore'), 'utf8')).toBe('*\n')
  await kill()
  await chmod(stateDir, 0o755)
  const daemon = path.resolve(import.meta.dirname, '../../cli/dist/orcd.js')
  const refused = spawn(process.execPath, [daemon, '--state-dir', stateDir, '--listen', '127.0.0.1:0'], {
    cwd: dir,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let output = ''
  refused.stderr.on('data', (piece: Buffer) => {
    output += piece.toString()
  })
  expect(await new Promise((resolve) => refused.on('exit', resolve))).toBe(2)
  expect(output).toContain('run: chmod 700')
  await chmod(stateDir, 0o700)
})
