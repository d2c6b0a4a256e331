/** The CustomResourceDefinition of a kind: its schema in the structural subset that a Kubernetes API server takes. */
import { stringify } from 'yaml'

function structural(node, name) {
  if (node === null || typeof node !== 'object') return node
  if (Array.isArray(node)) return node.map((item) => structural(item))
  const { title: _title, 'x-orc-pending': _pending, ...rest } = node
  const out = {}
  for (const [key, value] of Object.entries(rest)) {
    if (key === 'properties')
      out.properties = Object.fromEntries(Object.entries(value).map(([k, v]) => [k, structural(v, k)]))
    else if (key === 'default') out.default = value
    else if (key === 'additionalProperties' && value === false)
      continue // unknown fields are pruned by the API server
    else out[key] = structural(value, key)
  }
  if (Array.isArray(out.type)) {
    const { type, minimum, maximum, minLength, maxLength, ...kept } = out
    if (type.includes('null')) return { ...kept, type: type.find((t) => t !== 'null'), nullable: true }
    return { ...kept, 'x-kubernetes-int-or-string': true }
  }
  return name === 'metadata' ? { type: 'object' } : out
}

export function customResourceDefinition(schema) {
  const column = (name, jsonPath, type = 'string', extra = {}) => ({ name, jsonPath, type, ...extra })
  const crd = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'agentservices.orc.dev' },
    spec: {
      group: 'orc.dev',
      scope: 'Namespaced',
      names: {
        kind: 'AgentService',
        listKind: 'AgentServiceList',
        plural: 'agentservices',
        singular: 'agentservice',
        shortNames: ['as', 'asvc'],
        categories: ['all'],
      },
      versions: [
        {
          name: 'v1alpha1',
          served: true,
          storage: true,
          subresources: {
            status: {},
            scale: {
              specReplicasPath: '.spec.replicas',
              statusReplicasPath: '.status.replicas',
              labelSelectorPath: '.status.selector',
            },
          },
          additionalPrinterColumns: [
            column('Ready', '.status.conditions[?(@.type=="Ready")].status'),
            column('Reason', '.status.conditions[?(@.type=="Ready")].reason'),
            column('Restarts', '.status.restartCount', 'integer'),
            column('Age', '.metadata.creationTimestamp', 'date'),
          ],
          schema: { openAPIV3Schema: structural(schema) },
        },
      ],
    },
  }
  return `# Generated from agent-service.schema.json by generate.mjs; do not edit.\n${stringify(crd, { aliasDuplicateObjects: false, lineWidth: 120 })}`
}
