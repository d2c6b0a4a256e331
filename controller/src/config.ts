/** What the daemon was asked to do: flags first, then the environment, then defaults. */
import path from 'node:path'
import { parseArgs } from 'node:util'
import { formatBytes, parseQuantity } from '@orc/schemas'

/** A share of what there is, or an amount: cores, bytes. */
export type Reserve = { readonly percent: number } | { readonly amount: number }

export type Mode = 'Foreground' | 'Detached'

export interface Config {
  /** Absolute. */
  readonly manifestsDir: string
  /** Whether the kernel is asked to hold limits, where it can. */
  readonly enforcement: 'Auto' | 'Sampled'
  /** Absolute; read, never written. */
  readonly readOnlyManifestsDirs: readonly string[]
  /** Absolute. */
  readonly stateDir: string
  readonly host: string
  /** 0 = a free one. */
  readonly port: number
  readonly portRange: { readonly first: number; readonly last: number }
  /** Of all logs together, bytes; absent = decided by the size of the file system. */
  readonly logQuota?: number
  /** What of the host is not for services. */
  readonly reserve: { readonly cpu: Reserve; readonly memory: Reserve }
  readonly mode: Mode
  /** What SIGTERM and SIGINT do to the services; SIGUSR2 (`orc down`) always ends them. */
  readonly onTerminate: 'StopServices' | 'LeaveRunning'
  /** Takes another manifests directory than last time: objects that it does not declare may go. */
  readonly adoptRoot: boolean
  /** Ends what an earlier controller left running, then exits. */
  readonly onlyStopServices: boolean
}

/** A flag or variable that cannot be used: exit code 2, one line. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

const FLAGS = {
  manifests: { type: 'string' },
  'read-only-manifests': { type: 'string', multiple: true },
  'state-dir': { type: 'string' },
  listen: { type: 'string' },
  'port-range': { type: 'string' },
  'log-quota': { type: 'string' },
  'reserve-cpu': { type: 'string' },
  'reserve-memory': { type: 'string' },
  enforcement: { type: 'string' },
  detached: { type: 'boolean' },
  'leave-running': { type: 'boolean' },
  'stop-on-exit': { type: 'boolean' },
  'adopt-root': { type: 'boolean' },
  'only-stop-services': { type: 'boolean' },
} as const

type Values = ReturnType<typeof parse>

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: FLAGS, strict: true, allowPositionals: false }).values
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

export function readConfig(args: readonly string[], env: NodeJS.ProcessEnv, cwd: string): Config {
  const flags = parse(args)
  const { host, port } = parseListen(flags.listen ?? env['ORC_LISTEN'] ?? '127.0.0.1:7420')
  const mode: Mode = flags.detached === true ? 'Detached' : 'Foreground'
  return {
    manifestsDir: path.resolve(cwd, flags.manifests ?? env['ORC_MANIFESTS'] ?? 'manifests'),
    readOnlyManifestsDirs: readOnlyDirs(flags, env).map((directory) => path.resolve(cwd, directory)),
    stateDir: path.resolve(cwd, flags['state-dir'] ?? env['ORC_STATE_DIR'] ?? '.orc'),
    host,
    port,
    portRange: parseRange(flags['port-range'] ?? env['ORC_PORT_RANGE'] ?? '21000-24999'),
    ...logQuota(flags['log-quota'] ?? env['ORC_LOG_QUOTA']),
    enforcement: parseEnforcement(flags.enforcement ?? env['ORC_ENFORCEMENT'] ?? 'Auto'),
    reserve: reserves(flags, env),
    mode,
    onTerminate: onTerminate(flags, mode),
    adoptRoot: flags['adopt-root'] ?? false,
    onlyStopServices: flags['only-stop-services'] ?? false,
  }
}

function reserves(flags: Values, env: NodeJS.ProcessEnv): Config['reserve'] {
  return {
    cpu: parseReserve('cpu', flags['reserve-cpu'] ?? env['ORC_RESERVE_CPU'] ?? '0'),
    memory: parseReserve('memory', flags['reserve-memory'] ?? env['ORC_RESERVE_MEMORY'] ?? '5%'),
  }
}

function readOnlyDirs(flags: Values, env: NodeJS.ProcessEnv): readonly string[] {
  return (
    flags['read-only-manifests'] ??
    (env['ORC_READ_ONLY_MANIFESTS'] ?? '').split(':').filter((directory) => directory !== '')
  )
}

/** Less would not hold the end of one log. */
const LEAST_LOG_QUOTA = 2 ** 20

function logQuota(text: string | undefined): Pick<Config, 'logQuota'> {
  if (text === undefined || text === '') return {}
  const bytes = parseQuantity(text)
  if (bytes === undefined || bytes < LEAST_LOG_QUOTA)
    throw new UsageError(
      `--log-quota ${text}: must be an amount of bytes from ${formatBytes(LEAST_LOG_QUOTA)} on, for example 10Gi`,
    )
  return { logQuota: bytes }
}

function onTerminate(flags: Values, mode: Mode): Config['onTerminate'] {
  if (flags['leave-running'] === true && flags['stop-on-exit'] === true)
    throw new UsageError('--leave-running and --stop-on-exit contradict each other; give one of them')
  if (flags['leave-running'] === true) return 'LeaveRunning'
  return mode === 'Foreground' || flags['stop-on-exit'] === true ? 'StopServices' : 'LeaveRunning'
}

/** Plain HTTP stays on this host: whoever could read the line could start programs. */
const LOOPBACK: readonly string[] = ['127.0.0.1', 'localhost', '::1']

function parseListen(text: string): { host: string; port: number } {
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:]*)):(\d{1,5})$/.exec(text) ?? []
  const host = bracketed ?? plain ?? ''
  const port = Number(digits)
  if (digits === undefined || port > 65535)
    throw new UsageError(`--listen ${text}: must be HOST:PORT, for example 127.0.0.1:7420 (port 0 picks a free one)`)
  if (!LOOPBACK.includes(host))
    throw new UsageError(
      `--listen ${text}: the host must be one of ${LOOPBACK.join(', ')}; plain HTTP is served on this host only`,
    )
  return { host, port }
}

function parseEnforcement(text: string): Config['enforcement'] {
  if (text === 'Auto' || text === 'Sampled') return text
  throw new UsageError(`--enforcement ${text}: must be Auto or Sampled`)
}

function parseReserve(resource: string, text: string): Reserve {
  const percent = Number(/^(\d{1,3})%$/.exec(text)?.[1])
  if (percent <= 100) return { percent }
  const amount = parseQuantity(text)
  if (amount !== undefined) return { amount }
  const example = resource === 'cpu' ? '500m' : '1Gi'
  throw new UsageError(`--reserve-${resource} ${text}: must be a quantity or a share, for example ${example} or 10%`)
}

function parseRange(text: string): { first: number; last: number } {
  const [, first, last] = (/^(\d{1,5})-(\d{1,5})$/.exec(text) ?? []).map(Number)
  if (first === undefined || last === undefined || first < 1024 || last > 65535 || last < first)
    throw new UsageError(`--port-range ${text}: must be FIRST-LAST between 1024 and 65535, for example 21000-24999`)
  return { first, last }
}
