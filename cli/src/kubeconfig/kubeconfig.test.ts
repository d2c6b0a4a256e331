import { chmod, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { orc, type Ran } from '../../test/run-orc.ts'

let home: string

beforeEach(async () => {
  home = await mkdtemp(path.join(os.tmpdir(), 'orc-kubeconfig-'))
  await own('http://127.0.0.1:7420', 'first')
})

afterEach(async () => {
  await rm(home, { recursive: true, force: true })
})

/** The file that the controller writes. */
async function own(server: string, token: string): Promise<void> {
  const config = {
    clusters: [{ name: 'orc', cluster: { server } }],
    users: [{ name: 'orc-admin', user: { token } }],
    contexts: [{ name: 'orc', context: { cluster: 'orc', user: 'orc-admin' } }],
    'current-context': 'orc',
  }
  await writeFile(path.join(home, 'own'), JSON.stringify(config))
}

const config = (): string => path.join(home, '.kube/config')

function kubeconfig(...argv: readonly string[]): Promise<Ran> {
  return orc(['kubeconfig', ...argv], { cwd: home, env: { HOME: home, ORC_KUBECONFIG: path.join(home, 'own') } })
}

const OTHERS = `# mine
apiVersion: v1
kind: Config
preferences: {colors: true}
clusters:
- name: prod # the real one
  cluster:
    server: https://prod.example.com
    certificate-authority-data: QUJD
users:
- name: me
  user: {exec: {command: login, args: [--fast]}}
contexts:
- name: prod
  context: {cluster: prod, user: me}
current-context: prod
`

describe('kubeconfig', () => {
  test('prints server and token in the form that kubectl reads', async () => {
    const { code, stdout, stderr } = await kubeconfig('-n', 'team')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(parse(stdout)).toEqual({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'orc', cluster: { server: 'http://127.0.0.1:7420' } }],
      users: [{ name: 'orc-admin', user: { token: 'first' } }],
      contexts: [{ name: 'orc', context: { cluster: 'orc', user: 'orc-admin', namespace: 'team' } }],
      'current-context': 'orc',
    })
  })

  test('makes a file that is not there, for its owner alone', async () => {
    const { code, stdout } = await kubeconfig('--merge')
    expect({ code, stdout }).toEqual({ code: 0, stdout: `context "orc" is in ${config()}\n` })
    expect((await stat(config())).mode & 0o777).toBe(0o600)
    expect(parse(await readFile(config(), 'utf8'))).toMatchObject({ 'current-context': 'orc' })
  })

  test('adds to a file without losing anything, and renews what it added', async () => {
    const file = path.join(home, 'elsewhere')
    await writeFile(file, OTHERS)
    await chmod(file, 0o640)
    await symlink(file, path.join(home, 'link'))
    await kubeconfig('--merge', '--kubeconfig-file', 'link')
    await own('http://127.0.0.1:7420', 'second')
    await kubeconfig('--merge', '--kubeconfig-file', 'link')
    const text = await readFile(file, 'utf8')
    expect(text).toMatch(/^# mine\n/)
    expect(text).toContain('- name: prod # the real one\n')
    expect((await stat(file)).mode & 0o777).toBe(0o640)
    const before = parse(OTHERS) as Record<string, unknown[]>
    const after = parse(text) as Record<string, unknown[]>
    expect(after).toEqual({
      ...before,
      clusters: [...(before['clusters'] ?? []), { name: 'orc', cluster: { server: 'http://127.0.0.1:7420' } }],
      users: [...(before['users'] ?? []), { name: 'orc-admin', user: { token: 'second' } }],
      contexts: [
        ...(before['contexts'] ?? []),
        { name: 'orc', context: { cluster: 'orc', user: 'orc-admin', namespace: 'default' } },
      ],
    })
  })

  test('does not take the name of another server, unless told to', async () => {
    await kubeconfig('--merge')
    const before = await readFile(config(), 'utf8')
    await own('http://127.0.0.1:9999', 'other')
    const { code, stderr } = await kubeconfig('--merge')
    expect(code).toBe(1)
    expect(stderr).toBe(
      `error: orc in ${config()} is for http://127.0.0.1:7420, not for http://127.0.0.1:9999; ` +
        'give --name NAME to have both, or --overwrite\n',
    )
    expect(await readFile(config(), 'utf8')).toBe(before)
    await kubeconfig('--merge', '--name', 'orc-b')
    const { contexts } = parse(await readFile(config(), 'utf8')) as { contexts: { name: string }[] }
    expect(contexts.map(({ name }) => name)).toEqual(['orc', 'orc-b'])
    expect((await kubeconfig('--merge', '--overwrite')).code).toBe(0)
  })

  test('leaves alone what it cannot read', async () => {
    await kubeconfig('--merge')
    for (const text of ['clusters: [\n', '- a list\n']) {
      await writeFile(config(), text)
      expect((await kubeconfig('--merge')).stderr).toContain(`${config()} is not a kubeconfig`)
      expect(await readFile(config(), 'utf8')).toBe(text)
    }
  })

  test('waits for nobody’s lock for ever', async () => {
    await kubeconfig('--merge')
    await writeFile(`${config()}.lock`, '')
    expect((await kubeconfig('--merge')).stderr).toContain(`if none is, remove ${config()}.lock`)
  })
})
