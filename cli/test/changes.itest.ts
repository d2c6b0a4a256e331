import { RESOURCES, type AgentService } from '@orc/schemas'
import { readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startOrc, type Orc } from '../../controller/test/harness.ts'
import { orc as runOrc, type OrcOptions, type Ran } from './run-orc.ts'

/** Of a form that the API does not write. */
const SECRET = 'apiVersion: v1\nkind: Secret\nmetadata: {name: plain}\nstringData: {token: hunter2}\n'

let controller: Orc

beforeAll(async () => {
  controller = await startOrc({
    manifests: { 'web.yaml': agent('web'), 'cron.yaml': agent('cron'), 'plain.yaml': SECRET },
  })
  await controller.waitFor('both', async () => {
    const { items } = await controller.client.list<AgentService>(RESOURCES.agentservices)
    return items.length === 2 || undefined
  })
})

afterAll(async () => {
  await controller.stop()
})

function agent(name: string): string {
  return `# ${name}\napiVersion: orc.dev/v1alpha1\nkind: AgentService\nmetadata: {name: ${name}, labels: {team: a}}\nspec:\n  command: [sleep, "300"]\n`
}

function orc(argv: readonly string[], { env = {}, ...options }: OrcOptions = {}): Promise<Ran> {
  return runOrc(argv, { cwd: controller.dir, env: { ORC_STATE_DIR: controller.stateDir, ...env }, ...options })
}

function read(name: string): Promise<AgentService> {
  return controller.client.get<AgentService>(RESOURCES.agentservices, name, 'default')
}

describe('label and annotate', () => {
  test('set, keep and remove in kubectl’s words, in the manifest', async () => {
    expect(await orc(['label', 'as', 'web', 'stage=test'])).toEqual({
      code: 0,
      stdout: 'agentservice.orc.dev/web labeled\n',
      stderr: '',
    })
    expect(await readFile(path.join(controller.manifestsDir, 'web.yaml'), 'utf8')).toMatch(
      /^# web\n(.*\n)*.*stage: test/,
    )
    expect((await orc(['label', 'web', 'stage=test'])).stdout).toBe('agentservice.orc.dev/web not labeled\n')
    expect(await orc(['label', 'web', 'stage=live'])).toEqual({
      code: 1,
      stdout: '',
      stderr: "error: agentservice.orc.dev/web: 'stage' already has a value (test), and --overwrite is false\n",
    })
    await orc(['label', 'web', 'stage=live', '--overwrite'])
    expect((await orc(['label', 'web', '--list'])).stdout).toBe('team=a\nstage=live\n')
    expect((await orc(['label', 'web', 'stage-'])).stdout).toBe('agentservice.orc.dev/web unlabeled\n')
    expect((await read('web')).metadata.labels).toEqual({ team: 'a' })
  })

  test('take all objects of a kind, or those with a label', async () => {
    const { stdout } = await orc(['annotate', 'as', '--all', 'note=by night'])
    expect(stdout.split('\n').toSorted().join(' ')).toBe(
      ' agentservice.orc.dev/cron annotated agentservice.orc.dev/web annotated',
    )
    await orc(['annotate', 'as', '-l', 'team=a', 'note-', 'nothing-'])
    expect((await read('cron')).metadata.annotations?.['note']).toBeUndefined()
    expect(await orc(['annotate', 'as', '-l', 'team=b', 'note=x'])).toEqual({
      code: 1,
      stdout: '',
      stderr: 'error: no matching resources found\n',
    })
  })

  test('pass on what the server refuses', async () => {
    const { code, stderr } = await orc(['label', 'pod', 'web-0', 'stage=x'])
    expect(code).toBe(1)
    expect(stderr).toMatch(/^error: pod\/web-0: .+\n$/)
    const before = await readFile(path.join(controller.manifestsDir, 'web.yaml'), 'utf8')
    expect((await orc(['label', 'web', 'no name=x'])).stderr).toMatch(
      /metadata\.labels\["no name"\]: the key must have/,
    )
    expect((await orc(['label', 'web', 'stage=a b'])).stderr).toContain('metadata.labels.stage: must be letters')
    expect((await orc(['annotate', 'web', 'a/b/c=x'])).stderr).toContain('the key must have at most one "/"')
    expect(await readFile(path.join(controller.manifestsDir, 'web.yaml'), 'utf8')).toBe(before)
  })
})

describe('patch', () => {
  test('changes the fields that it names, as JSON, YAML or from a file', async () => {
    expect(await orc(['patch', 'as', 'web', '-p', '{"spec":{"terminationGracePeriodSeconds":9}}'])).toEqual({
      code: 0,
      stdout: 'agentservice.orc.dev/web patched\n',
      stderr: '',
    })
    expect((await orc(['patch', 'as/web', '-p', 'spec: {terminationGracePeriodSeconds: 9}'])).stdout).toBe(
      'agentservice.orc.dev/web patched (no change)\n',
    )
    await writeFile(path.join(controller.dir, 'p.yaml'), 'spec:\n  terminationGracePeriodSeconds: 8\n')
    await orc(['patch', 'web', '--patch-file', 'p.yaml'])
    expect((await read('web')).spec.terminationGracePeriodSeconds).toBe(8)
  })

  test('says what is wrong with it, here or on the server', async () => {
    expect((await orc(['patch', 'web', '-p', '[1]'])).stderr).toBe(
      'error: a merge patch must be an object, such as {"spec":{"replicas":2}}\n',
    )
    expect((await orc(['patch', 'web', '-p', '{'])).stderr).toMatch(
      /^error: the patch of -p is neither JSON nor YAML: /,
    )
    const refused = await orc(['patch', 'web', '-p', 'spec: {replicas: -1}'])
    expect(refused).toMatchObject({ code: 1, stdout: '' })
    expect(refused.stderr).toContain('spec.replicas')
  })
})

describe('edit', () => {
  /** Each call of the editor runs the next script on the file; the last one stays. */
  async function edit(name: string, ...scripts: readonly string[]): Promise<Ran & { seen: string }> {
    const editor = path.join(controller.dir, 'editor.sh')
    const steps = scripts.map((script, at) => `[ $n = ${String(at + 1)} ] && { ${script}; }`).join('\n')
    const count = `n=$(($(cat "$0.n" 2>/dev/null || echo 0) + 1)); echo $n > "$0.n"; cp "$1" "$0.seen"`
    await writeFile(editor, `${count}\n${steps}\nexit 0\n`)
    await writeFile(`${editor}.n`, '0')
    const ran = await orc(['edit', 'as', name], { env: { EDITOR: 'vi-is-not-used', ORC_EDITOR: `sh ${editor}` } })
    return { ...ran, seen: await readFile(`${editor}.seen`, 'utf8') }
  }

  test('saves what was typed into the manifest, whose comments stay', async () => {
    const { seen, ...ran } = await edit('cron', `sed -i 's/"300"/"400"/' "$1"`)
    expect(ran).toEqual({ code: 0, stdout: 'agentservice.orc.dev/cron edited\n', stderr: '' })
    expect(seen).toMatch(/^# Please edit the object below\.[^]*\napiVersion: orc\.dev\/v1alpha1\n/)
    expect((await read('cron')).spec.command).toEqual(['sleep', '400'])
    expect(await readFile(path.join(controller.manifestsDir, 'cron.yaml'), 'utf8')).toMatch(/^# cron\n/)
  })

  test('without a change changes nothing', async () => {
    const { generation } = (await read('cron')).metadata
    expect(await edit('cron', ':')).toMatchObject({ code: 0, stdout: '', stderr: 'Edit cancelled, no changes made.\n' })
    expect(await edit('cron', ': > "$1"')).toMatchObject({ code: 0, stderr: 'Edit cancelled, saved file was empty.\n' })
    expect((await read('cron')).metadata.generation).toBe(generation)
  })

  test('opens again what the server refuses, with the reason', async () => {
    const wrong = `sed -i 's/^  replicas: .*/  replicas: -5/' "$1"`
    const right = `sed -i 's/^  replicas: .*/  replicas: 2/' "$1"`
    const { seen, ...ran } = await edit('cron', wrong, right)
    expect(ran).toEqual({ code: 0, stdout: 'agentservice.orc.dev/cron edited\n', stderr: '' })
    expect(seen).toMatch(/^# .*spec\.replicas.*-5/m)
    expect((await read('cron')).spec.replicas).toBe(2)
  })

  test('keeps what was typed when it is given up, and says where', async () => {
    const { code, stderr } = await edit('cron', `sed -i 's/^  replicas: .*/  replicas: -5/' "$1"`)
    expect(code).toBe(1)
    const [, file = ''] =
      /^error: Edit cancelled, no valid changes were saved\. .* stored to "(.+)"\n$/.exec(stderr) ?? []
    expect(await readFile(file, 'utf8')).toContain('replicas: -5')
    await rm(path.dirname(file), { recursive: true })
  })

  test('never overwrites what somebody else has saved meanwhile', async () => {
    const other = `sed -i 's/"400"/"500"/' "${controller.manifestsDir}/cron.yaml"; sleep 1`
    const { code, stderr } = await edit('cron', `${other}; sed -i 's/^  replicas: .*/  replicas: 3/' "$1"`)
    expect(code).toBe(1)
    const [, file = ''] = /cron was changed by somebody else meanwhile\. .* stored to "(.+)"\n$/.exec(stderr) ?? []
    expect(await readFile(file, 'utf8')).toContain('replicas: 3')
    await rm(path.dirname(file), { recursive: true })
    expect((await read('cron')).spec).toMatchObject({ command: ['sleep', '500'], replicas: 2 })
  })

  test('says when the editor fails', async () => {
    expect((await edit('cron', 'exit 3')).stderr).toMatch(
      /^error: there was a problem with the editor ".*": .* code 3\n$/,
    )
  })
})

describe('diff', () => {
  const manifest = (command: string, more = ''): string =>
    `apiVersion: orc.dev/v1alpha1\nkind: AgentService\nmetadata: {name: web, labels: {team: a}}\nspec:\n  command: [sleep, "${command}"]\n  terminationGracePeriodSeconds: 8\n${more}`
  const diff = (stdin: string, env: Readonly<Record<string, string>> = {}): Promise<Ran> =>
    orc(['diff', '-f', '-'], { stdin, env })

  test('says nothing of what is as it should be', async () => {
    expect(await diff(manifest('300'))).toEqual({ code: 0, stdout: '', stderr: '' })
  })

  test('shows what would be, what would restart and why, and changes nothing', async () => {
    const { generation } = (await read('web')).metadata
    const { code, stdout, stderr } = await diff(manifest('301'))
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' })
    expect(stdout).toMatch(/^--- LIVE\/orc\.dev\.v1alpha1\.AgentService\.default\.web\n/)
    expect(stdout).toMatch(/\n- +- "300"\n\+ +- "301"\n/)
    expect(stdout).toMatch(
      /\nagentservice\.orc\.dev\/web: applying this restarts 1 replica, because of spec\.command\n$/,
    )
    const harmless = await diff(manifest('300', '  description: words\n'))
    expect(harmless.stdout).toMatch(/\n\+ +description: words\n.*web: applying this restarts nothing\n$/)
    expect((await read('web')).metadata.generation).toBe(generation)
  })

  test('shows an object that is not there yet, and leaves it so', async () => {
    const text = manifest('1').replace('name: web', 'name: new')
    const { code, stdout } = await diff(text)
    expect(code).toBe(1)
    expect(stdout).toMatch(/^\+kind: AgentService$/m)
    expect(stdout).toMatch(/new: applying this is new, and starts 1 replica\n$/)
    expect((await diff(text)).stdout).toBe(stdout)
  })

  test('lets another program compare', async () => {
    const { code, stdout } = await diff(manifest('301'), { KUBECTL_EXTERNAL_DIFF: 'diff -u -N' })
    expect(code).toBe(1)
    expect(stdout).toMatch(/^diff -u -N \/.*LIVE-.*\n--- .*LIVE-.*default\.web/)
    expect(stdout).toMatch(/^\+ +- "301"$/m)
    expect(await diff(manifest('301'), { ORC_EXTERNAL_DIFF: 'false; exit 7;' })).toMatchObject({ code: 2, stdout: '' })
  })

  test('compares the rest when the server refuses one object', async () => {
    const { code, stdout, stderr } = await diff(`${SECRET.replace('hunter2', 'hunter3')}---\n${manifest('302')}`)
    expect(code).toBe(2)
    expect(stdout).toMatch(/^\+ +- "302"$/m)
    expect(stderr).toMatch(/^error: secret\/plain: .*plain\.yaml writes this Secret as stringData/)
    expect(stdout + stderr).not.toContain('hunter')
  })

  test('tells differences from mistakes by its code', async () => {
    const { code, stdout, stderr } = await diff(manifest('300', '  replicas: -1\n'))
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(/^stdin:7:13: spec\.replicas: .*\nerror: files with mistakes cannot be compared\n$/)
  })
})
