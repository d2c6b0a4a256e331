/** What keys of labels and annotations may look like, by the rules of Kubernetes: `name` or `prefix/name`. */
import type { Issue } from './issue.ts'
import type { Declared } from './resource.ts'

const LONGEST = { prefix: 253, name: 63 } as const
const NAME = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/
const PREFIX = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/

export function metadataKeyIssues({ metadata }: Declared): Issue[] {
  return [
    ...issuesOf('labels', Object.keys(metadata.labels ?? {}), (key) => key),
    // As in Kubernetes, annotations alone may have capitals in the prefix.
    ...issuesOf('annotations', Object.keys(metadata.annotations ?? {}), (key) => key.toLowerCase()),
  ]
}

function issuesOf(field: 'labels' | 'annotations', keys: readonly string[], read: (key: string) => string): Issue[] {
  return keys.flatMap((key) => {
    const problem = problemOf(read(key))
    return problem === undefined ? [] : [{ path: ['metadata', field, key], at: 'key', message: `the key ${problem}` }]
  })
}

function problemOf(key: string): string | undefined {
  const parts = key.split('/')
  if (parts.length > 2) return 'must have at most one "/", between prefix and name'
  const name = parts.at(-1) ?? ''
  if (name === '') return 'must have a name; allowed are NAME and PREFIX/NAME'
  if (name.length > LONGEST.name) return `must have a name of at most ${String(LONGEST.name)} characters`
  if (!NAME.test(name))
    return 'must have a name of letters, digits, "-", "_" and ".", beginning and ending with a letter or digit'
  return parts.length === 1 ? undefined : problemOfPrefix(parts[0] ?? '')
}

function problemOfPrefix(prefix: string): string | undefined {
  if (prefix.length > LONGEST.prefix) return `must have a prefix of at most ${String(LONGEST.prefix)} characters`
  return PREFIX.test(prefix)
    ? undefined
    : 'must have a prefix of DNS labels joined by ".", as example.com: lower-case letters, digits and "-"'
}
