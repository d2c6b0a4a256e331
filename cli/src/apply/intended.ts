/** The object that a file asks for, given the one that is there: the file counts, but not against other commands. Pure. */
import type { AgentService, KubeObject } from '@orc/schemas'

/** What `scale`, `stop` and `start` set; it stays as long as the file is silent on it. */
const KEPT_TOGETHER = [['replicas'], ['operatingMode', 'operatingModeReason', 'operatingModeUntil']] as const

export function intendedObject(wanted: KubeObject, current: KubeObject): KubeObject {
  const { resourceVersion } = current.metadata
  const annotations = { ...toolAnnotations(current), ...wanted.metadata.annotations }
  const merged = {
    ...wanted,
    metadata: {
      ...wanted.metadata,
      ...(Object.keys(annotations).length > 0 && { annotations }),
      // The server refuses the write if the object changed since it was read.
      ...(resourceVersion !== undefined && { resourceVersion }),
    },
  }
  return wanted.kind === 'AgentService' ? withKeptFields(merged as AgentService, current as AgentService) : merged
}

/** Annotations that commands and tools write, such as `orc.dev/restartedAt`: without that one, replicas would restart. */
function toolAnnotations({ metadata }: KubeObject): Record<string, string> {
  const isOfTool = (key: string): boolean => /^([\w-]+\.)*(orc\.dev|kubernetes\.io|k8s\.io)\//.test(key)
  return Object.fromEntries(Object.entries(metadata.annotations ?? {}).filter(([key]) => isOfTool(key)))
}

function withKeptFields(wanted: AgentService, current: AgentService): AgentService {
  const kept = KEPT_TOGETHER.filter(([first]) => wanted.spec[first] === undefined).flat()
  const fields = kept.flatMap((field) => (current.spec[field] === undefined ? [] : [[field, current.spec[field]]]))
  return { ...wanted, spec: { ...wanted.spec, ...(Object.fromEntries(fields) as Partial<AgentService['spec']>) } }
}
