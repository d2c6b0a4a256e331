/** All about an object of any other kind. Pure. Values of Secrets are never shown, only how long they are. */
import type { ConfigMap, ControllerRevision, KubeObject, Manifest, Pod, PodMetrics, Secret } from '@orc/schemas'
import { SERVICE_LABEL } from '@orc/schemas'
import { formatFields, type Fields } from '../printers/fields.ts'
import { commandLine } from './spec-fields.ts'
import { metadataFields } from './metadata.ts'
import { formatReplica } from './replica.ts'
import { formatConditions, type DescribeOptions } from './service.ts'

export function describeObject(object: KubeObject, options: DescribeOptions): string {
  const { raw, nowMs } = options
  const fields = [...metadataFields(object, nowMs), ...kindFields(object)]
  const head = formatFields(fields, { raw })
  return object.kind === 'Pod' ? head + podDetails(object as Pod, options) : head
}

function kindFields(object: KubeObject): Fields {
  switch (object.kind) {
    case 'Pod':
      return podFields(object as Pod)
    case 'ConfigMap':
      return configMapFields(object as ConfigMap)
    case 'Secret':
      return secretFields(object as Secret)
    case 'Manifest':
      return manifestFields(object as Manifest)
    case 'ControllerRevision':
      return revisionFields(object as ControllerRevision)
    case 'PodMetrics':
      return metricsFields(object as PodMetrics)
    default:
      return []
  }
}

function podFields({ metadata, spec }: Pod): Fields {
  return [
    ['Service', metadata.labels?.[SERVICE_LABEL]],
    ['Command', commandLine(spec.containers[0].command)],
  ]
}

function podDetails(pod: Pod, options: DescribeOptions): string {
  const section = (title: string, text: string): string => `\n${options.colors.strong(title)}\n${text}`
  return (
    section('Process', formatReplica(pod, { ...options, indent: '  ' })) +
    section('Conditions', formatConditions(pod.status.conditions, options))
  )
}

function configMapFields({ data = {}, binaryData = {} }: ConfigMap): Fields {
  const texts = Object.entries(data).flatMap(([key, value]) => [
    `${key}:`,
    ...value
      .trimEnd()
      .split('\n')
      .map((line) => `  ${line}`),
  ])
  return [
    ['Data', texts],
    ['Binary data', Object.entries(binaryData).map(([key, value]) => `${key}: ${byteCount(value)}`)],
  ]
}

function secretFields({ type, data = {} }: Secret): Fields {
  return [
    ['Type', type ?? 'Opaque'],
    ['Data', Object.entries(data).map(([key, value]) => `${key}: ${byteCount(value)}`)],
  ]
}

function byteCount(base64: string): string {
  return `${String(Buffer.from(base64, 'base64').length)} bytes`
}

function manifestFields({ spec, status }: Manifest): Fields {
  return [
    ['File', spec.path],
    ['State', status.state],
    ['Objects', status.objects.map(({ kind, namespace, name }) => `${kind} ${namespace}/${name}`)],
    ['Errors', status.errors],
    ['Warnings', status.warnings],
  ]
}

function revisionFields({ metadata, revision, data, orc }: ControllerRevision): Fields {
  return [
    ['Service', metadata.labels?.[SERVICE_LABEL]],
    ['Revision', String(revision)],
    ['State', orc.state],
    ['Rejected', orc.message],
    ['Spec', Object.entries(data.spec).map(([field, value]) => `${field}: ${JSON.stringify(value)}`)],
  ]
}

function metricsFields({ timestamp, window, containers: [{ usage }] }: PodMetrics): Fields {
  return [
    ['CPU', usage.cpu],
    ['Memory', usage.memory],
    ['Measured', `${timestamp}, over ${window}`],
  ]
}
