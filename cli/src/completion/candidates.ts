/** Names of objects that may come next on a command line that is being typed. */
import { findResource, RESOURCES, type KubeObject, type ResourceName } from '@orc/schemas'
import type { OrcClient } from '@orc/sdk/client'
import { plain } from '../printers/plain.ts'
import { ROLLOUT_VERBS } from '../rollout/verbs.ts'
import { ARGUMENTS } from './grammar.ts'

export interface Typed {
  readonly command: string
  /** Arguments that stand already. */
  readonly given: readonly string[]
  /** The word that is being typed; may be empty. */
  readonly current: string
  readonly namespace: string
  /** Whether the word is the value of `-n`. */
  readonly isNamespace: boolean
  readonly kubeconfig: string | undefined
  readonly stateDir: string | undefined
}

const VALUES: Readonly<Record<string, 'namespace' | 'kubeconfig' | 'stateDir'>> = {
  '-n': 'namespace',
  '--namespace': 'namespace',
  '--kubeconfig': 'kubeconfig',
  '--state-dir': 'stateDir',
}

/** `words`: the line after `orc`, the last of them unfinished. `withValue`: flags that a value follows. */
export function readTyped(words: readonly string[], withValue: ReadonlySet<string>): Typed {
  const values: Record<string, string> = {}
  const given: string[] = []
  let flag: string | undefined
  for (const word of words.slice(0, -1)) {
    // bash hands over `--flag=value` as three words.
    if (word === '=') continue
    const [name = '', value] = word.startsWith('-') ? word.split('=', 2) : ['']
    if (flag !== undefined) {
      values[VALUES[flag] ?? ''] = word
      flag = undefined
    } else if (value !== undefined) values[VALUES[name] ?? ''] = value
    else if (withValue.has(name)) flag = name
    else if (name === '') given.push(word)
  }
  const [command = '', ...rest] = given
  return {
    command,
    given: rest,
    current: words.at(-1) ?? '',
    namespace: values['namespace'] ?? 'default',
    isNamespace: flag !== undefined && VALUES[flag] === 'namespace',
    kubeconfig: values['kubeconfig'],
    stateDir: values['stateDir'],
  }
}

export async function candidates(client: OrcClient, typed: Typed): Promise<readonly string[]> {
  const { command, given, current, isNamespace } = typed
  if (isNamespace) return namesOf(client, RESOURCES.namespaces, typed)
  const isListed = (list: readonly string[]): boolean => list.includes(command)
  if (isListed(ARGUMENTS.services)) {
    const names = await namesOf(client, RESOURCES.agentservices, typed)
    return without(
      command === 'logs' || command === 'events'
        ? [...names, ...(await namesOf(client, RESOURCES.pods, typed))]
        : names,
      given,
    )
  }
  if (isListed(ARGUMENTS.rollouts))
    return given.length === 0
      ? ROLLOUT_VERBS
      : without(await namesOf(client, RESOURCES.agentservices, typed), given.slice(1))
  if (!isListed(ARGUMENTS.objects)) return []
  const [kind = ''] = current.includes('/') ? current.split('/') : given
  const resource = findResource(kind)
  if (resource === undefined) return []
  const names = await namesOf(client, resource, typed)
  return current.includes('/')
    ? without(
        names.map((name) => `${kind}/${name}`),
        given,
      )
    : without(names, given)
}

function without(names: readonly string[], given: readonly string[]): readonly string[] {
  return names.filter((name) => !given.includes(name))
}

async function namesOf(client: OrcClient, resource: ResourceName, { namespace }: Typed): Promise<readonly string[]> {
  const { items } = await client.list<KubeObject>(resource, { namespace })
  return items.map(({ metadata }) => plain(metadata.name))
}
