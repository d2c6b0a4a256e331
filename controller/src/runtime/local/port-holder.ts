/** Who listens on a TCP port of this host, for people: best effort, and nothing is decided by it. */
import { readFile, readdir, readlink } from 'node:fs/promises'

export interface PortHolder {
  readonly pid: number
  /** Its command line, cut. */
  readonly command: string
}

const LISTEN = '0A'
const COMMAND_LIMIT = 80

/** Undefined when nobody listens any more, or when the process is another user's. */
export async function findPortHolder(port: number): Promise<PortHolder | undefined> {
  const inodes = new Set((await Promise.all(['tcp', 'tcp6'].map((table) => listeners(table, port)))).flat())
  if (inodes.size === 0) return undefined
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name)))
    if (await holds(pid, inodes)) return { pid: Number(pid), command: await commandOf(pid) }
  return undefined
}

/** Inodes of the sockets; see proc_net_tcp(5): `sl local_address rem_address st ... inode` with hexadecimal ports. */
async function listeners(table: string, port: number): Promise<string[]> {
  const text = await readFile(`/proc/net/${table}`, 'latin1').catch(() => '')
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  return text
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local, , state]) => local?.endsWith(suffix) === true && state === LISTEN)
    .map((fields) => `socket:[${fields[9] ?? ''}]`)
}

async function holds(pid: string, inodes: ReadonlySet<string>): Promise<boolean> {
  const fds = await readdir(`/proc/${pid}/fd`).catch(() => [])
  for (const fd of fds) if (inodes.has(await readlink(`/proc/${pid}/fd/${fd}`).catch(() => ''))) return true
  return false
}

async function commandOf(pid: string): Promise<string> {
  const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
  return text.replaceAll('\0', ' ').trim().slice(0, COMMAND_LIMIT)
}
