/** Lets a person edit an object until it is saved or given up. What was typed is never lost. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { KubeObject, ResourceName } from '@orc/schemas'
import { ApiError, type OrcClient, type Written } from '@orc/sdk/client'
import { explain, Failure } from '../failure.ts'
import type { OrcContext } from '../orc-context.ts'
import { plain } from '../printers/plain.ts'
import { referenceOf } from '../selection.ts'
import { bodyOf, bodyOfDraft, declaredPart, draftOf, readEdited } from './draft.ts'
import { editorOf, runEditor } from './editor.ts'

export interface EditRequest {
  readonly client: OrcClient
  readonly resource: ResourceName
  readonly name: string
  readonly namespace: string
}

export async function editObject(request: EditRequest, context: OrcContext): Promise<void> {
  const { client, resource, name, namespace } = request
  const original = await client.get<KubeObject>(resource, name, namespace)
  const directory = await mkdtemp(path.join(os.tmpdir(), 'orc-edit-'))
  const file = path.join(directory, `${name}.yaml`)
  try {
    await editUntilSaved(request, { original, file }, context)
  } catch (error) {
    if (error instanceof Failure || error instanceof ApiError) throw await keeping(error, original, file)
    throw error
  }
  await rm(directory, { recursive: true, force: true })
}

interface Draft {
  readonly original: KubeObject
  readonly file: string
}

async function editUntilSaved(request: EditRequest, draft: Draft, context: OrcContext): Promise<void> {
  const { stdout, stderr, env } = context
  const { original, file } = draft
  const before = bodyOf(original)
  let body = before
  let failures: readonly string[] = []
  for (;;) {
    await writeFile(file, draftOf(body, failures), { mode: 0o600 })
    await runEditor(editorOf(env), file)
    const typed = bodyOfDraft(await readFile(file, 'utf8'))
    if (failures.length > 0 && typed === body) throw new Failure('Edit cancelled, no valid changes were saved.')
    const edited = readEdited(typed, before)
    if (edited.type === 'Nothing') {
      stderr.write(`Edit cancelled, ${edited.why}.\n`)
      return
    }
    body = typed
    const saved = edited.type === 'Broken' ? edited.reason : await save(request, original, edited.object)
    if (typeof saved !== 'string') {
      stdout.write(`${referenceOf(request.resource, request.name)} edited\n`)
      for (const warning of saved.warnings) stderr.write(`Warning: ${plain(warning)}\n`)
      return
    }
    failures = [saved]
  }
}

const TRIES = 5

/** The sentence of the server when it finds the object wrong: that can be edited. */
async function save(
  { client, resource, name, namespace }: EditRequest,
  original: KubeObject,
  edited: KubeObject,
): Promise<Written<KubeObject> | string> {
  for (let attempt = 1; ; attempt += 1) {
    const { metadata, ...current } = await client.get<KubeObject>(resource, name, namespace)
    if (!isDeepStrictEqual(declaredPart({ ...current, metadata }), declaredPart(original)))
      throw new Failure(`${referenceOf(resource, name)} was changed by somebody else meanwhile`)
    try {
      // The status may have moved on, so the version is that of now; what is declared is as it was.
      const version = metadata.resourceVersion === undefined ? {} : { resourceVersion: metadata.resourceVersion }
      return await client.replace(resource, { ...edited, metadata: { ...edited.metadata, ...version } })
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      if (error.code === 422 || error.code === 400) return explain(error).text
      if (error.code !== 409 || attempt === TRIES) throw error
    }
  }
}

/** The same error, with the place of what was typed, unless that is nothing new. */
async function keeping(error: Error, original: KubeObject, file: string): Promise<Error> {
  const text = await readFile(file, 'utf8').catch(() => undefined)
  if (text === undefined || bodyOfDraft(text) === bodyOf(original)) {
    await rm(path.dirname(file), { recursive: true, force: true })
    return error
  }
  const sentence = explain(error).text.replace(/\.$/, '')
  return new Failure(`${sentence}. A copy of your changes has been stored to ${JSON.stringify(file)}`, { cause: error })
}
