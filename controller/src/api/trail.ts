/**
 * What a request changed, or tried to: one row for each object that it reached a writer with, and one row for the
 * request where it reached none. Requests that only look, and those that only try, leave none.
 */
import { splitKey, type Key, type KubeObject } from '@orc/schemas'
import type { Clock } from '../clock.ts'
import type { MutationLog, MutationRow } from '../ports/history.ts'
import type { ObjectWriter, WriteResult } from '../ports/object-writer.ts'
import type { Resource, Verb } from '../resources/resource.ts'
import { changedFields } from './changed-fields.ts'
import type { User } from './credentials.ts'
import { Failure, refusedWrite } from './errors.ts'

const CHANGING: readonly Verb[] = ['create', 'update', 'patch', 'delete', 'deletecollection']
/** No name is longer; what is comes from somebody who tries something. */
const LONGEST_NAME = 253
const MOST_CAUSES = 50

export interface Mutation {
  readonly verb: Verb
  readonly resource: Resource
  readonly subresource?: string | undefined
  /** The name in it is '' where the client gave none. */
  readonly key: Key
  readonly user: User | undefined
  /** Then nothing changes. */
  readonly dryRun: boolean
}

/** What is known of a request before it is read. */
export interface Asked {
  readonly verb: Verb
  readonly kind: string
  readonly subresource?: string | undefined
  readonly namespace?: string | undefined
  readonly name?: string | undefined
}

interface Outcome {
  readonly code: number
  readonly reason?: string
}

export class Trail {
  readonly #log: MutationLog
  readonly #clock: Clock
  readonly #asked: Asked
  #isSettled: boolean

  constructor(log: MutationLog, clock: Clock, asked: Asked) {
    this.#log = log
    this.#clock = clock
    this.#asked = asked
    this.#isSettled = !CHANGING.includes(asked.verb)
  }

  /** Carries out a write and records it. */
  async follow(
    mutation: Mutation,
    writer: ObjectWriter,
    write: (writer: ObjectWriter) => Promise<WriteResult>,
  ): Promise<WriteResult> {
    let before: KubeObject | undefined
    const result = await write(watched(writer, (current) => (before = current)))
    this.#isSettled = true
    if (!mutation.dryRun) this.#log.recordMutation(this.#rowOf(mutation, before, result))
    return result
  }

  /** The answer is on its way: whatever it is, the request is on record. */
  end(answer: Failure | { readonly code: number } | 'Streamed', userOf: () => User | undefined): void {
    if (this.#isSettled) return
    this.#isSettled = true
    const { verb, kind, subresource, namespace = '', name = '' } = this.#asked
    const { code, reason } = outcomeOfRequest(answer)
    this.#log.recordMutation({
      atMs: this.#clock.wallMs(),
      user: userOf()?.name ?? '',
      verb,
      kind,
      ...(subresource !== undefined && { subresource }),
      namespace: namespace.slice(0, LONGEST_NAME),
      name: name.slice(0, LONGEST_NAME),
      changed: [],
      code,
      ...(reason !== undefined && { reason }),
    })
  }

  #rowOf(mutation: Mutation, before: KubeObject | undefined, result: WriteResult): MutationRow {
    const { verb, resource, subresource, key, user } = mutation
    const { namespace, name } = splitKey(key)
    const after = result.ok && !verb.startsWith('delete') ? result.object : undefined
    return {
      atMs: this.#clock.wallMs(),
      user: user?.name ?? '',
      verb,
      kind: resource.name.kind,
      ...(subresource !== undefined && { subresource }),
      namespace: resource.name.namespaced ? namespace.slice(0, LONGEST_NAME) : '',
      name: (name || (after?.metadata.name ?? '')).slice(0, LONGEST_NAME),
      ...versionsOf(before, 'from'),
      ...versionsOf(after, 'to'),
      ...outcomeOf(mutation, before, after, result),
    }
  }
}

function outcomeOfRequest(answer: Failure | { readonly code: number } | 'Streamed'): Outcome {
  if (answer instanceof Failure) return answer.status
  return { code: answer === 'Streamed' ? 200 : answer.code }
}

function outcomeOf(
  { verb, resource }: Mutation,
  before: KubeObject | undefined,
  after: KubeObject | undefined,
  result: WriteResult,
): Pick<MutationRow, 'changed' | 'code' | 'reason'> {
  if (result.ok) {
    const changed = result.changed ?? (after === undefined ? [] : changedFields(before, after))
    return { changed: changed.slice(0, MOST_CAUSES), code: verb === 'create' ? 201 : 200 }
  }
  const { refusal } = result
  const { code, reason } = refusedWrite(resource.name, '', refusal).status
  // Not the message: it may quote what was sent.
  const changed =
    refusal.reason === 'Invalid'
      ? [...new Set(refusal.causes.map(({ field }) => field.slice(0, LONGEST_NAME)))].slice(0, MOST_CAUSES)
      : []
  return { changed, code, ...(reason !== undefined && { reason }) }
}

function versionsOf(object: KubeObject | undefined, side: 'from' | 'to'): Partial<MutationRow> {
  if (object === undefined) return {}
  const { resourceVersion, generation } = object.metadata
  return {
    ...(resourceVersion !== undefined && { [`${side}Version`]: resourceVersion }),
    ...(generation !== undefined && { [`${side}Generation`]: generation }),
  }
}

/** The same writer; `see` hears of the object as it is in the very step that changes it. */
function watched(writer: ObjectWriter, see: (current: KubeObject) => void): ObjectWriter {
  return {
    create: (object, options) => writer.create(object, options),
    update: (key, change, options) =>
      writer.update(
        key,
        (current) => {
          see(current)
          return change(current)
        },
        options,
      ),
    delete: (key, options = {}) =>
      writer.delete(key, {
        ...options,
        check: (current) => {
          see(current)
          return options.check?.(current)
        },
      }),
  }
}
