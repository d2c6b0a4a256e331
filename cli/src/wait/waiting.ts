/** The objects of one kind that are waited for, and which of them are still not as they should be. */
import { keyOfObject, type Key, type KubeObject, type ResourceName } from '@orc/schemas'
import { ApiError, reflect, type Collection, type OrcClient } from '@orc/sdk/client'
import { explain } from '../failure.ts'
import type { Scope } from '../get/fetch.ts'
import type { OrcContext } from '../orc-context.ts'
import { referenceOf, type Selection } from '../selection.ts'
import { isReached, type Goal } from './goal.ts'

export interface WaitRequest {
  readonly client: OrcClient
  readonly selections: readonly Selection[]
  readonly scope: Scope
  readonly goal: Goal
  /** Of all objects together. 0 = look once. */
  readonly timeoutMs: number
}

interface Awaited {
  readonly name: string
  /** Absent while there is no such object yet. */
  readonly uid: string | undefined
}

/** A controller that has just started shows pods a moment after it answers: until then, that one is missing says nothing. */
const STEADY_MS = 1500

export class Waiting {
  readonly #request: WaitRequest
  readonly #selection: Selection
  readonly #context: Pick<OrcContext, 'stdout' | 'stderr'>
  readonly #pending = new Map<Key, Awaited>()
  /** Missing in the newest list, but perhaps only not there yet. */
  readonly #doubtful = new Set<Key>()
  readonly #isDone = new AbortController()
  #items: ReadonlyMap<Key, KubeObject> = new Map()
  #timer: NodeJS.Timeout | undefined
  #failures = 0

  constructor(request: WaitRequest, selection: Selection, context: Pick<OrcContext, 'stdout' | 'stderr'>) {
    this.#request = request
    this.#selection = selection
    this.#context = context
  }

  get #resource(): ResourceName {
    return this.#selection.resource
  }

  /** Finds out which objects are meant, and looks at them once. How many there are, with those that failed. */
  async begin(): Promise<number> {
    const { client, scope } = this.#request
    const { names } = this.#selection
    if (names.length > 0) await Promise.all(names.map((name) => this.#beginWith(name)))
    else for (const item of (await client.list<KubeObject>(this.#resource, scope)).items) this.#await(item)
    const count = this.#pending.size + this.#failures
    this.#settle()
    return count
  }

  /** Until all is settled, or the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    if (this.#pending.size === 0) return
    const { client, scope } = this.#request
    const [only] = this.#pending.size === 1 ? this.#pending.values() : []
    const options = {
      namespace: scope.namespace,
      // Not the labels: an object that loses its label is still the one that was meant.
      ...(only !== undefined && { fieldSelector: `metadata.name=${only.name}` }),
      onChange: this.#onChange.bind(this),
      onDisconnect: this.#onDisconnect.bind(this),
    }
    await reflect<KubeObject>(client, this.#resource, options, AbortSignal.any([signal, this.#isDone.signal]))
    clearTimeout(this.#timer)
  }

  /** Names what did not come about. False when anything did not. */
  conclude(): boolean {
    for (const { name } of this.#pending.values())
      this.#fail(`timed out waiting for the condition on ${this.#resource.plural}/${name}`)
    return this.#failures === 0
  }

  async #beginWith(name: string): Promise<void> {
    const { client, scope, goal } = this.#request
    const { namespace } = scope
    try {
      this.#await(await client.get<KubeObject>(this.#resource, name, namespace))
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== 404) throw error
      const { kind } = this.#resource
      const metadata = { name, ...(this.#resource.namespaced && namespace !== undefined && { namespace }) }
      if (goal.type === 'Create')
        this.#pending.set(keyOfObject({ apiVersion: '', kind, metadata }), { name, uid: undefined })
      else if (goal.type !== 'Delete') this.#fail(explain(error).text)
    }
  }

  #await(object: KubeObject): void {
    const key = keyOfObject(object)
    this.#items = new Map(this.#items).set(key, object)
    this.#pending.set(key, { name: object.metadata.name, uid: object.metadata.uid })
  }

  #onChange({ items }: Collection<KubeObject>, cause: 'Listed' | 'Changed'): void {
    this.#items = items
    if (cause === 'Listed') {
      this.#doubtful.clear()
      for (const key of this.#pending.keys()) if (!items.has(key)) this.#doubtful.add(key)
      this.#believeLater()
    }
    this.#settle()
  }

  /** What is held is no longer fresh. */
  #onDisconnect(error: unknown, retryInMs: number): void {
    clearTimeout(this.#timer)
    this.#context.stderr.write(`${explain(error).text}; trying again in ${String(retryInMs)} ms\n`)
  }

  #believeLater(): void {
    clearTimeout(this.#timer)
    if (this.#doubtful.size === 0) return
    this.#timer = setTimeout(() => {
      this.#doubtful.clear()
      this.#settle()
    }, STEADY_MS)
  }

  #settle(): void {
    const { goal } = this.#request
    for (const [key, { name, uid }] of this.#pending) {
      const object = this.#items.get(key)
      if (object === undefined && (this.#doubtful.has(key) || goal.type === 'Create')) continue
      if (isReached(goal, object, uid)) {
        this.#pending.delete(key)
        this.#context.stdout.write(`${referenceOf(this.#resource, name)} condition met\n`)
      } else if (object === undefined) {
        this.#pending.delete(key)
        const { plural, group } = this.#resource
        this.#fail(`${plural}${group && `.${group}`} "${name}" not found: it was deleted meanwhile`)
      }
    }
    if (this.#pending.size === 0) this.#isDone.abort()
  }

  #fail(sentence: string): void {
    this.#failures += 1
    this.#context.stderr.write(`error: ${sentence}\n`)
  }
}
