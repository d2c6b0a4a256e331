/** The text that a person edits: an object as YAML, below comments that say what went wrong. Pure. */
import { withoutServerFields, type KubeObject } from '@orc/schemas'
import { plain } from '../printers/plain.ts'
import { parseYaml, toYaml } from '../yaml.ts'

const INTRODUCTION = [
  "Please edit the object below. Lines beginning with a '#' will be ignored,",
  'and an empty file will abort the edit. If an error occurs while saving this file will be',
  'reopened with the relevant failures.',
  '',
]

/** Without what the server says of it: a change of that would have no effect. */
export function bodyOf(object: KubeObject): string {
  return toYaml(declaredPart(object))
}

export function draftOf(body: string, failures: readonly string[] = []): string {
  const comments = [...INTRODUCTION, ...failures.flatMap((failure) => [...plain(failure).split('\n'), ''])]
  return `${comments.map((line) => `# ${line}`.trimEnd()).join('\n')}\n${body}`
}

/** What stands below the comments at the head of a file. */
export function bodyOfDraft(text: string): string {
  return text.replace(/^(?:#.*(?:\n|$))+/u, '')
}

export type Edited =
  | { readonly type: 'Nothing'; readonly why: string }
  | { readonly type: 'Broken'; readonly reason: string }
  | { readonly type: 'Changed'; readonly object: KubeObject }

const UNCHANGED: Edited = { type: 'Nothing', why: 'no changes made' }

/** `original`: the body as it was before the first edit. */
export function readEdited(body: string, original: string): Edited {
  if (body === original) return UNCHANGED
  try {
    const value = parseYaml(body)
    if (value === null || value === undefined) return { type: 'Nothing', why: 'saved file was empty' }
    if (JSON.stringify(value) === JSON.stringify(parseYaml(original))) return UNCHANGED
    return judge(value, parseYaml(original) as KubeObject)
  } catch (error) {
    return { type: 'Broken', reason: `The edited file had a syntax error: ${(error as Error).message}` }
  }
}

/** Which object it is cannot be edited. */
function judge(edited: Partial<KubeObject>, original: KubeObject): Edited {
  if (typeof edited !== 'object' || typeof edited.metadata !== 'object' || edited.metadata === null)
    return { type: 'Broken', reason: 'The edited file is no object with metadata.' }
  const moved = [
    edited.apiVersion !== original.apiVersion && 'apiVersion',
    edited.kind !== original.kind && 'kind',
    edited.metadata.name !== original.metadata.name && 'metadata.name',
    edited.metadata.namespace !== original.metadata.namespace && 'metadata.namespace',
  ].find((field) => field !== false)
  if (moved !== undefined) return { type: 'Broken', reason: `${moved} cannot be changed.` }
  return { type: 'Changed', object: edited as KubeObject }
}

export function declaredPart(object: KubeObject): KubeObject {
  return withoutServerFields(object as unknown as Record<string, unknown>) as unknown as KubeObject
}
