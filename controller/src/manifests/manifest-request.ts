/** What a client sends as a Manifest: the text that its file is to have. Pure. */
import type { Issue, Manifest } from '@orc/schemas'
import { manifestName } from './manifest-view.ts'
import { pathProblem } from './manifest-path.ts'

/** Issues where it cannot be understood. */
type Read<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly issues: readonly Issue[] }

interface Sent {
  readonly metadata?: { readonly name?: unknown }
  readonly spec?: { readonly path?: unknown; readonly text?: unknown; readonly sha256?: unknown }
}

export function readReplacement(sent: unknown, current: Manifest): Read<{ text: string; sha256: string }> {
  const { spec = {} } = sent as Sent
  const { path: file = current.spec.path, text, sha256 } = spec
  const issues = textIssues(text)
  if (file !== current.spec.path)
    issues.push(issue('path', 'it cannot be changed: make a new file, and delete this one'))
  if (typeof sha256 !== 'string' || sha256 === '')
    issues.push(issue('sha256', 'say of which text this one was made: spec.sha256 as it was read with it'))
  return issues.length > 0
    ? { ok: false, issues }
    : { ok: true, value: { text: text as string, sha256: sha256 as string } }
}

export function readNewFile(sent: unknown): Read<{ file: string; text: string }> {
  const { metadata = {}, spec = {} } = sent as Sent
  const { path: file, text } = spec
  const issues = textIssues(text)
  const problem = typeof file === 'string' ? pathProblem(file) : 'say where the file is to be, such as team/agent.yaml'
  if (problem !== undefined) issues.push(issue('path', problem))
  else if (metadata.name !== undefined && metadata.name !== manifestName(file as string))
    issues.push({
      path: ['metadata', 'name'],
      at: 'value',
      message: `it follows from the path: leave it out, or say ${manifestName(file as string)}`,
    })
  return issues.length > 0 ? { ok: false, issues } : { ok: true, value: { file: file as string, text: text as string } }
}

function textIssues(text: unknown): Issue[] {
  if (typeof text !== 'string') return [issue('text', 'it must be the text of the file')]
  if (text.trim() === '') return [issue('text', 'there is nothing in it; to remove the file, delete the Manifest')]
  // Half of a surrogate pair has no place in UTF-8: other bytes would come back.
  return Buffer.from(text).toString() === text ? [] : [issue('text', 'it has characters that UTF-8 cannot hold')]
}

function issue(field: 'path' | 'text' | 'sha256', message: string): Issue {
  return { path: ['spec', field], at: 'value', message }
}
