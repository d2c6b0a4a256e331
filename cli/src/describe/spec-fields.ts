/** The spec of a service in short, as a person would say it. Pure. */
import type {
  AgentService,
  AgentServiceSpec,
  EnvFromSource,
  EnvVar,
  FileSource,
  InitCommand,
  Probe,
} from '@orc/schemas'
import type { Fields } from '../printers/fields.ts'

export function specFields({ spec, status }: AgentService): Fields {
  const { links, ports, dependsOn, env, envFrom } = spec
  return [
    ['Description', spec.description],
    ['Links', links?.map(({ name, url }) => `${name}  ${url}`)],
    ['Command', commandLine([...spec.command, ...(spec.args ?? [])])],
    ['Before it', spec.initCommands?.map(initWords)],
    ['Hooks', hooks(spec)],
    ['Working dir', spec.workingDir],
    ['Mode', mode(spec)],
    ['Restart', restart(spec)],
    ['Ports', ports?.map(({ name, port }) => `${name} ${port === 0 ? '(allocated)' : String(port)}`)],
    ['Probes', probes(spec)],
    ['Depends on', dependsOn?.map(({ name, namespace, condition }) => dependency(name, namespace, condition))],
    ['On their restart', restarted(spec.restartPolicyOnDependency)],
    ['Limits', limits(spec.resources?.limits, status?.enforcement)],
    ['Over CPU limit', restarted(spec.restartPolicyOnCPULimit)],
    ['Requests', quantities(spec.resources?.requests)],
    ['Priority', priority(spec)],
    ['Environment', [...(envFrom ?? []).map(envSource), ...(env ?? []).map(envVariable)]],
    ['Files', spec.files?.map(fileSource)],
    ['Reload', reloadWords(spec)],
    ['Stops with', `${spec.stopSignal ?? 'SIGTERM'}, ${String(spec.terminationGracePeriodSeconds ?? 30)}s of grace`],
  ]
}

function initWords({ name, command, when = 'OncePerRevision' }: InitCommand): string {
  return `${name}  ${commandLine(command)}, ${when === 'EveryStart' ? 'before every start' : 'once per revision'}`
}

function hooks({ lifecycle: { postStart, preStop } = {} }: AgentServiceSpec): string[] {
  return Object.entries({ postStart, preStop }).flatMap(([name, hook]) =>
    hook === undefined ? [] : [`${name}  ${commandLine(hook.exec.command)}`],
  )
}

/** In quotes only what a shell would take apart. */
export function commandLine(argv: readonly string[]): string {
  return argv
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`))
    .join(' ')
}

function mode({ operatingMode, operatingModeReason, operatingModeUntil }: AgentServiceSpec): string {
  const why = operatingModeReason === undefined ? '' : `: ${operatingModeReason}`
  const until = operatingModeUntil === undefined ? '' : ` (until ${operatingModeUntil})`
  return `${operatingMode ?? 'Running'}${why}${until}`
}

function restart({ restartPolicy, backoff }: AgentServiceSpec): string {
  const policy = restartPolicy ?? 'Always'
  if (policy === 'Never' || backoff === undefined) return policy
  const { initialSeconds = 1, maxSeconds = 30 } = backoff
  return `${policy}, at once and then after ${String(initialSeconds)}s to ${String(maxSeconds)}s`
}

function probes({ startupProbe, readinessProbe, livenessProbe }: AgentServiceSpec): string[] {
  const named = { startup: startupProbe, readiness: readinessProbe, liveness: livenessProbe }
  return Object.entries(named).flatMap(([name, probe]) =>
    probe === undefined ? [] : [`${name}  ${probeWords(probe)}`],
  )
}

function probeWords(probe: Probe): string {
  const { httpGet, tcpSocket, exec, periodSeconds = 10, failureThreshold = 3 } = probe
  const rhythm = `every ${String(periodSeconds)}s, fails after ${String(failureThreshold)}`
  if (httpGet !== undefined) return `GET ${httpGet.path ?? '/'} on port ${String(httpGet.port)}, ${rhythm}`
  if (tcpSocket !== undefined) return `connect to port ${String(tcpSocket.port)}, ${rhythm}`
  if (exec !== undefined) return `${commandLine(exec.command)}, ${rhythm}`
  return 'the process says READY=1 itself'
}

function dependency(name: string, namespace: string | undefined, condition = 'Ready'): string {
  return `${namespace === undefined ? '' : `${namespace}/`}${name} (${condition})`
}

type Enforcement = NonNullable<NonNullable<AgentService['status']>['enforcement']>

const HELD = { Kernel: 'held by the kernel', Sampled: 'measured', None: 'not held here' }

function limits(
  values: Readonly<Record<string, string | number>> | undefined,
  enforcement: Enforcement | undefined,
): string | undefined {
  const words = Object.entries(values ?? {}).map(([name, value]) => {
    const held = enforcement?.[name as keyof Enforcement]
    return `${name} ${String(value)}${held === undefined ? '' : ` (${HELD[held]})`}`
  })
  return words.length === 0 ? undefined : words.join(', ')
}

/** Only where it was chosen. */
function priority({ priority: value = 0 }: AgentServiceSpec): string | undefined {
  return value === 0 ? undefined : String(value)
}

function quantities(values: Readonly<Record<string, string | number>> | undefined): string | undefined {
  const words = Object.entries(values ?? {}).map(([name, value]) => `${name} ${String(value)}`)
  return words.length === 0 ? undefined : words.join(', ')
}

function envSource({ prefix = '', configMapRef, secretRef }: EnvFromSource): string {
  const source = configMapRef === undefined ? `Secret ${secretRef?.name ?? ''}` : `ConfigMap ${configMapRef.name}`
  return `${prefix}* from ${source}`
}

/** The usual way is not worth a line. */
function reloadWords({ reload }: AgentServiceSpec): string | undefined {
  if (reload?.mode === 'Signal') return `${reload.signal ?? 'SIGHUP'} when a ConfigMap or Secret changes`
  return reload?.mode === 'Restart' ? 'replicas are replaced when a ConfigMap or Secret changes' : undefined
}

function fileSource({ name, configMapKeyRef, secretKeyRef, configMapRef, secretRef }: FileSource): string {
  const key = configMapKeyRef ?? secretKeyRef
  const kind = configMapKeyRef === undefined && configMapRef === undefined ? 'Secret' : 'ConfigMap'
  if (key !== undefined) return `${name ?? ''} from ${kind} ${key.name}, key ${key.key}`
  const object = (configMapRef ?? secretRef)?.name ?? ''
  return `${name === undefined ? '*' : `${name}/*`} from ${kind} ${object}`
}

function envVariable({ name, value = '', valueFrom }: EnvVar): string {
  const config = valueFrom?.configMapKeyRef
  if (config !== undefined) return `${name} from ConfigMap ${config.name}, key ${config.key}`
  const secret = valueFrom?.secretKeyRef
  if (secret !== undefined) return `${name} from Secret ${secret.name}, key ${secret.key}`
  if (valueFrom?.fieldRef !== undefined) return `${name} from the pod's ${valueFrom.fieldRef.fieldPath}`
  return `${name}=${value}`
}

function restarted(policy: 'None' | 'Restart' | undefined): string | undefined {
  return policy === 'Restart' ? 'it is restarted' : undefined
}
