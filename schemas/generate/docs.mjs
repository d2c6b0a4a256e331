/** The field reference of a kind as Markdown, one row a field. */

function typeOf(node) {
  if (node.enum) return node.enum.map((value) => `\`${value}\``).join(' \\| ')
  if (node.type === 'array') return `list of ${typeOf(node.items)}`
  return [node.type].flat().join(' or ')
}

function bounds(node) {
  const parts = []
  const range = (low, high, unit) => {
    if (low !== undefined && high !== undefined) parts.push(`${low} to ${high}${unit}`)
    else if (high !== undefined) parts.push(`at most ${high}${unit}`)
    else if (low !== undefined) parts.push(`at least ${low}${unit}`)
  }
  range(node.minimum, node.maximum, '')
  range(node.minLength, node.maxLength, ' characters')
  range(node.minItems, node.maxItems, ' items')
  if (node.format) parts.push(node.format)
  return parts.join(', ')
}

function defaultOf(node, required) {
  if (required) return 'required'
  if (node.default === undefined) return ''
  const text = JSON.stringify(node.default)
  return text === '{}' ? '' : `\`${text}\``
}

function* rows(node, path, required) {
  const item = node.type === 'array' ? node.items : node
  if (path !== '') {
    const note = node['x-orc-pending'] ? ` *Not in force yet: ${node['x-orc-pending']}.*` : ''
    const text = `${node.description ?? item.description ?? ''}${note}`
    yield `| \`${path}\` | ${typeOf(node)} | ${defaultOf(node, required)} | ${bounds(node)} | ${text.replaceAll('|', '\\|')} |`
  }
  const prefix = path === '' ? '' : `${path}${node.type === 'array' ? '[]' : ''}.`
  for (const [key, child] of Object.entries(item.properties ?? {}))
    yield* rows(child, `${prefix}${key}`, item.required?.includes(key) ?? false)
}

export function fieldReference(schema) {
  const table = (node, path) => [
    '| field | type | default | bounds | meaning |',
    '| --- | --- | --- | --- | --- |',
    ...[...rows(node, path, false)].slice(1),
  ]
  return `<!-- Generated from schemas/agent-service.schema.json by generate.mjs; do not edit. -->
# AgentService

\`apiVersion: orc.dev/v1alpha1\`, \`kind: AgentService\`, plural \`agentservices\`, short names \`as\`, \`asvc\`.
${schema.description} Unknown fields are refused.

## spec

${table(schema.properties.spec, 'spec').join('\n')}

## status

${schema.properties.status.description}

${table(schema.properties.status, 'status').join('\n')}
`
}
