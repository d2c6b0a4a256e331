/** The words `KIND NAME...` and `KIND/NAME...` as kinds and names. */
import { findResource, RESOURCES, type ResourceName } from '@orc/schemas'
import { UsageError } from 'clipanion'
import { didYouMean } from '@orc/schemas'

export interface Selection {
  readonly resource: ResourceName
  /** All objects of the kind when empty. */
  readonly names: readonly string[]
  /** The word that stood in the place of the kind and was taken for the name of a service. */
  readonly guessedFrom?: string
}

const ALL = [RESOURCES.agentservices, RESOURCES.pods]

/**
 * `pods,as`, `pods web-0`, `pod/web-0 as/web`, `all`. A first word that is no kind is taken for the name of a service
 * where `guess` allows it: `get web` can mean nothing else.
 */
export function parseSelection(words: readonly string[], guess: 'Guess' | 'Strict' = 'Strict'): readonly Selection[] {
  const [first, ...names] = words
  if (first === undefined) return [{ resource: RESOURCES.agentservices, names: [] }]
  const arePaths = !first.includes('/') && lookUp(first) === RESOURCES.manifests
  if (!arePaths && words.some((word) => word.includes('/'))) return byKind(words.map(parseReference))
  if (guess === 'Guess' && !first.includes(',') && first !== 'all' && lookUp(first) === undefined)
    return [{ resource: RESOURCES.agentservices, names: words, guessedFrom: first }]
  const kinds = first.split(',')
  if (kinds.includes('all') && names.length > 0)
    throw new UsageError('"all" cannot be followed by names; name the kind, for example agentservice')
  const resources = kinds.flatMap((kind) => (kind === 'all' ? ALL : [requireResource(kind)]))
  return [...new Set(resources)].map((resource) => ({ resource, names }))
}

/** For commands that change fields of objects, and only of those that are named; a name alone is that of a service. */
export function namedOnly(words: readonly string[], verb: string): readonly Selection[] {
  const selections = parseSelection(words, 'Guess')
  if (selections.some(({ resource }) => resource === RESOURCES.manifests))
    throw new UsageError(`a manifest is a file: ${verb} it where it lies, or an object of it: orc ${verb} KIND NAME`)
  const nameless = selections.find(({ names }) => names.length === 0)
  if (nameless === undefined) return selections
  const { plural, singular } = nameless.resource
  throw new UsageError(`name the ${plural} to ${verb}: orc ${verb} ${singular} NAME`)
}

/** `agentservice.orc.dev/web`, as `-o name` prints it; of a manifest also its path, `manifest/team/web.yaml`. */
function parseReference(word: string): { resource: ResourceName; name: string } {
  const [kind = '', ...parts] = word.split('/')
  const isPath = lookUp(kind) === RESOURCES.manifests
  const name = parts.join('/')
  if (kind === '' || name === '' || (parts.length > 1 && !isPath))
    throw new UsageError(`${JSON.stringify(word)} must be KIND/NAME; where one argument has a slash, all need it`)
  return { resource: requireResource(kind), name }
}

function byKind(references: readonly { resource: ResourceName; name: string }[]): Selection[] {
  return [...new Set(references.map(({ resource }) => resource))].map((resource) => ({
    resource,
    names: references.filter((reference) => reference.resource === resource).map(({ name }) => name),
  }))
}

/** The kind of a word, or a usage error that names a near one. */
export function requireResource(kind: string): ResourceName {
  const found = lookUp(kind)
  if (found !== undefined) return found
  // Not the short names: almost any short word is near to one of them.
  const singulars = Object.values(RESOURCES).map(({ singular }) => singular)
  const near = didYouMean(kind, [...kindWords(), ...singulars])
  throw new UsageError(
    `unknown kind ${JSON.stringify(kind)}${near === '' ? `; known are ${kindWords().join(', ')}` : near}`,
  )
}

/** The words for kinds that people see in tables and messages. */
export function kindWords(): string[] {
  const words = Object.values(RESOURCES).map(({ plural, singular }) => (singular === 'podmetrics' ? singular : plural))
  return [...words, 'all']
}

/** Also with its group, as `kubectl` writes kinds: `agentservices.orc.dev`, `agentservices.v1alpha1.orc.dev`. */
function lookUp(kind: string): ResourceName | undefined {
  const resource = findResource(kind.replace(/\.(v\w+\.)?(orc\.dev|metrics\.k8s\.io|apps)$/i, ''))
  return kind.includes('.') && resource?.group === '' ? undefined : resource
}

/** A service by name, also written as `agentservice/NAME`. */
export function parseServiceName(word: string): string {
  if (!word.includes('/')) return word
  const { resource, name } = parseReference(word)
  if (resource === RESOURCES.agentservices) return name
  throw new UsageError(`${word} is not a service; this is for services only`)
}

/** `scale agentservice web`, as kubectl has it: no service has the name of its kind by accident. */
export function withoutKind(words: readonly string[]): readonly string[] {
  const isKind = words.length > 1 && /^(agentservices?|as|asvc)$/i.test(words[0] ?? '')
  return isKind ? words.slice(1) : words
}

/** As kubectl names an object: `agentservice.orc.dev/web`, `pod/web-0`. */
export function referenceOf({ singular, group }: ResourceName, name: string): string {
  return `${singular}${group === '' ? '' : `.${group}`}/${name}`
}

/** The same by kind; a kind that is not known stands as it is. */
export function referenceTo(kind: string, name: string): string {
  const resource = findResource(kind)
  return resource === undefined ? `${kind.toLowerCase()}/${name}` : referenceOf(resource, name)
}
