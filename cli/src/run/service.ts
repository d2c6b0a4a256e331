/** The service that `orc run` declares. Pure. */
import type { AgentService } from '@orc/schemas'
import { UsageError } from 'clipanion'
import path from 'node:path'

export interface RunRequest {
  readonly name: string
  readonly namespace: string
  readonly command: readonly string[]
  /** Absolute. */
  readonly directory: string
  /** Absolute; the directory that the controller watches. */
  readonly manifestsDir: string
  /** `true` = any free one. */
  readonly port?: string | true | undefined
  readonly replicas?: number | undefined
  /** `KEY=VALUE` each. */
  readonly env: readonly string[]
}

/** Says what differs from the defaults and no more: it becomes a file that people read. */
export function serviceOf(request: RunRequest): AgentService {
  const workingDir = workingDirOf(request)
  const port = request.port === undefined ? undefined : parsePort(request.port)
  return {
    apiVersion: 'orc.dev/v1alpha1',
    kind: 'AgentService',
    metadata: { name: request.name, namespace: request.namespace },
    spec: {
      command: [...request.command],
      ...(workingDir !== '' && { workingDir }),
      ...(request.env.length > 0 && { env: request.env.map(parseVariable) }),
      ...(port !== undefined && {
        ports: [{ name: 'http', port }],
        readinessProbe: { tcpSocket: { port: 'http' }, periodSeconds: 1 },
      }),
      ...(request.replicas !== undefined && request.replicas !== 1 && { replicas: request.replicas }),
    },
  }
}

/** Relative to the directory that contains the manifests where it lies in there, so that both can move together. */
function workingDirOf({ directory, manifestsDir }: RunRequest): string {
  const relative = path.relative(path.dirname(manifestsDir), directory)
  return relative === '..' || relative.startsWith(`..${path.sep}`) ? directory : relative
}

function parsePort(port: string | true): number {
  if (port === true) return 0
  const number = /^\d{1,5}$/.test(port) ? Number(port) : NaN
  if (number <= 65_535) return number
  throw new UsageError(`--port must be a number from 0 (any free one) to 65535; got ${JSON.stringify(port)}`)
}

function parseVariable(text: string): { name: string; value: string } {
  const [, name, value = ''] = /^([^=]+)=(.*)$/s.exec(text) ?? []
  if (name === undefined) throw new UsageError(`--env must be KEY=VALUE; got ${JSON.stringify(text)}`)
  return { name, value }
}
