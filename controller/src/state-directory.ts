/** The state directory: made with the right modes, and the small files by which clients find the controller. */
import {
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { randomBytes } from 'node:crypto'
import path from 'node:path'
import { UsageError } from './config.ts'
import { writeDurablySync } from './objects/durable-file.ts'

export interface StatePaths {
  readonly root: string
  readonly lock: string
  readonly state: string
  readonly objects: string
  readonly secrets: string
  readonly pods: string
  readonly revisions: string
  readonly history: string
  readonly token: string
  readonly kubeconfig: string
  /** Who the running controller is; see ControllerFile. */
  readonly controller: string
}

/** Lets `orc down` and `orc status` find the process and be sure that it is the one. */
export interface ControllerFile {
  readonly pid: number
  /** Field 22 of /proc/PID/stat. */
  readonly startTicks: number
  readonly server: string
}

export function prepareStateDirectory(root: string): StatePaths {
  makePrivate(root)
  const ignore = path.join(root, '.gitignore')
  if (!existsSync(ignore)) writeFileSync(ignore, '*\n')
  const paths: StatePaths = {
    root,
    lock: path.join(root, 'lock.db'),
    state: path.join(root, 'state.json'),
    objects: path.join(root, 'objects'),
    secrets: path.join(root, 'secrets'),
    pods: path.join(root, 'pods'),
    revisions: path.join(root, 'revisions'),
    history: path.join(root, 'history.db'),
    token: path.join(root, 'token'),
    kubeconfig: path.join(root, 'kubeconfig'),
    controller: path.join(root, 'controller.json'),
  }
  makePrivate(paths.objects)
  makePrivate(paths.secrets)
  makePrivate(paths.pods)
  makePrivate(paths.revisions)
  return paths
}

function makePrivate(directory: string): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const stat = statSync(directory)
  const us = process.getuid?.()
  if (us !== undefined && stat.uid !== us)
    throw new UsageError(
      `${directory} belongs to another user (uid ${String(stat.uid)}); choose another --state-dir, or run orc as that user`,
    )
  if ((stat.mode & 0o077) !== 0)
    throw new UsageError(
      `${directory} can be read by other users (mode ${(stat.mode & 0o777).toString(8)}); run: chmod 700 ${directory}`,
    )
}

/** The administrator's token: 256 random bits, made at the first start. */
export function readOrCreateToken(file: string): string {
  try {
    const fd = openSync(file, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600)
    const token = randomBytes(32).toString('base64url')
    fchmodSync(fd, 0o600)
    writeFileSync(fd, `${token}\n`)
    closeSync(fd)
    return token
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    return readToken(file)
  }
}

function readToken(file: string): string {
  let fd: number
  try {
    fd = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW)
  } catch (cause) {
    throw new UsageError(`${file} is a symbolic link or cannot be read; remove it, and a new token is made`, { cause })
  }
  try {
    const stat = fstatSync(fd)
    if (!stat.isFile() || stat.uid !== (process.getuid?.() ?? stat.uid) || (stat.mode & 0o077) !== 0)
      throw new UsageError(`${file} is not a private file of this user (mode 600); remove it, and a new token is made`)
    const token = readFileSync(fd, 'utf8').trim()
    if (token.length < 43) throw new UsageError(`${file} holds no token; remove it, and a new one is made`)
    return token
  } finally {
    closeSync(fd)
  }
}

/** A kubeconfig in its JSON form, which is YAML too and can be read without a YAML parser. */
export function writeKubeconfig(file: string, server: string, token: string): void {
  const kubeconfig = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'orc', cluster: { server } }],
    users: [{ name: 'orc-admin', user: { token } }],
    contexts: [{ name: 'orc', context: { cluster: 'orc', user: 'orc-admin', namespace: 'default' } }],
    'current-context': 'orc',
  }
  writeDurablySync(file, `${JSON.stringify(kubeconfig, null, 2)}\n`, 0o600)
}

export function writeControllerFile(file: string, content: ControllerFile): void {
  writeDurablySync(file, `${JSON.stringify(content)}\n`, 0o600)
}

export function removeControllerFile(file: string): void {
  rmSync(file, { force: true })
}
