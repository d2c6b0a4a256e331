import { execFileSync, spawnSync } from 'node:child_process'
import { chown, truncate, mkdir, stat, symlink, writeFile, chmod } from 'node:fs/promises'
import { createServer } from 'node:net'
import path from 'node:path'
import { isAgentService, type Secret } from '@orc/schemas'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { root, cache, writer, open, service, save, keyFor, get, manifest, setUp, tearDown } from './store-fixture.ts'

const hasGit = spawnSync('git', ['--version']).status === 0

beforeEach(setUp)
afterEach(tearDown)

describe('what is no manifest of ours', () => {
  const errorsOf = (file: string): string => manifest(file)?.status.errors.join() ?? `no Manifest of ${file}`

  test('FIFOs, sockets, directories, devices and huge files are never read', async () => {
    execFileSync('mkfifo', [path.join(root, 'fifo.yaml')])
    await mkdir(path.join(root, 'directory.yaml'))
    await symlink('/dev/zero', path.join(root, 'device.yaml'))
    const socket = createServer().listen(path.join(root, 'socket.yaml'))
    await new Promise((resolve) => socket.once('listening', resolve))
    await save('huge.yaml', '')
    await truncate(path.join(root, 'huge.yaml'), 2 ** 31)
    await save('good.yaml', service('good'))
    await open()
    expect(get('good')).toBeDefined()
    expect(errorsOf('fifo.yaml')).toContain('not a regular file')
    expect(errorsOf('socket.yaml')).toContain('not a regular file')
    expect(errorsOf('device.yaml')).toContain('symbolic links are not followed')
    expect(errorsOf('huge.yaml')).toContain('larger than 256 KiB')
    expect(manifest('directory.yaml')).toBeUndefined()
    socket.close()
  })

  test.skipIf(process.getuid?.() !== 0)(
    'a file that a group may write is taken, with a warning (only root can give it to one)',
    async () => {
      await save('shared.yaml', service('a'))
      await chown(path.join(root, 'shared.yaml'), 0, 65_534)
      await chmod(path.join(root, 'shared.yaml'), 0o664)
      await open()
      expect(get('a')).toBeDefined()
      expect(manifest('shared.yaml')?.status.warnings.join()).toContain('every member of its group may write this file')
    },
  )

  test.skipIf(!hasGit)(
    'a Secret that git tracks is honoured, with a warning (skipped where there is no git)',
    async () => {
      const secret = 'apiVersion: v1\nkind: Secret\nmetadata: {name: keys}\nstringData: {token: x}\n'
      await save('tracked.yaml', secret)
      await save('untracked.yaml', secret.replace('keys', 'other'))
      for (const args of [['init'], ['add', 'tracked.yaml']]) execFileSync('git', args, { cwd: root, stdio: 'ignore' })
      await open()
      expect(cache.get<Secret>('Secret/default/keys')?.data).toEqual({ token: 'eA==' })
      expect(manifest('tracked.yaml')?.status.warnings.join()).toContain('git tracks it')
      expect(manifest('untracked.yaml')?.status.warnings).toEqual([])
    },
  )

  test('text of another encoding is told as such', async () => {
    await writeFile(path.join(root, 'utf16.yaml'), Buffer.from(`\ufeff${service('a')}`, 'utf16le'))
    await writeFile(path.join(root, 'latin1.yaml'), Buffer.from('# caf\xe9\n', 'latin1'))
    await save('bom.yaml', `\ufeff${service('bom')}`.replaceAll('\n', '\r\n'))
    await open()
    expect(errorsOf('utf16.yaml')).toContain('not UTF-8')
    expect(errorsOf('latin1.yaml')).toContain('not UTF-8')
    expect(get('bom')).toBeDefined()
  })

  test('a directory that everybody may write is not believed', async () => {
    await mkdir(path.join(root, 'open'))
    await chmod(path.join(root, 'open'), 0o777)
    await save('open/a.yaml', service('a'))
    await open()
    expect(get('a')).toBeUndefined()
    expect(errorsOf('open/a.yaml')).toContain('every user may put files into this directory')
  })

  test.skipIf(process.getuid?.() !== 0)('a file of another user is not believed (only root can make one)', async () => {
    await save('foreign.yaml', service('foreign'))
    await chown(path.join(root, 'foreign.yaml'), 65_534, 65_534)
    await open()
    expect(get('foreign')).toBeUndefined()
    expect(errorsOf('foreign.yaml')).toContain('belongs to another user (uid 65534)')
  })

  test.skipIf(process.getuid?.() === 0)(
    'a directory that cannot be written serves all but writes (root can write everything)',
    async () => {
      await save('a.yaml', service('a'))
      await chmod(root, 0o555)
      await open()
      expect(get('a')).toBeDefined()
      const refusal = {
        ok: false,
        refusal: { reason: 'Forbidden', message: expect.stringContaining('cannot be written (EACCES)') as string },
      }
      expect(
        await writer.update(keyFor('a'), (current) => ({ ok: true, object: { ...current, spec: { command: ['b'] } } })),
      ).toMatchObject(refusal)
      expect(await writer.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' } })).toMatchObject(
        refusal,
      )
      await chmod(root, 0o755)
    },
  )
})

test.each(['my #1 agent 100%.yaml', 'two\nlines.yaml', '-rf.yaml', 'it\'s "quoted".yml'])(
  'the name %j is a file like any other',
  async (name) => {
    await save(name, service('odd'))
    await open()
    const object = get('odd')
    expect(object !== undefined && isAgentService(object)).toBe(true)
    expect(manifest(name)?.status.state).toBe('Loaded')
    expect(await writer.delete(keyFor('odd'))).toMatchObject({ ok: true })
    await expect(stat(path.join(root, name))).rejects.toThrow('ENOENT')
  },
)
