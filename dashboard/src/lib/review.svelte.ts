/** A change of manifests between its wish and its writing: what each file would become, and what came of it. */
import { createContext } from 'svelte'
import { SvelteMap } from 'svelte/reactivity'
import { DEFAULT_NAMESPACE, RESOURCES, type AgentService, type Manifest } from '@orc/schemas'
import { ApiError, type OrcClient } from '@orc/sdk/client'
import { NO_INPUTS, wishOf, type Inputs, type Verb, type Wish } from '#lib/verbs.ts'

/** How the file of one service would change. */
export type Preview =
  | { readonly type: 'Loading' }
  | { readonly type: 'Ready'; readonly path: string; readonly before: string; readonly after: string }
  | { readonly type: 'Refused'; readonly problem: string }

export type Outcome = { readonly type: 'Written' } | { readonly type: 'Failed'; readonly problem: string }

const AFTER_TYPING_MS = 250

/** The sheet that is open, if one is; one at a time. */
export class Review {
  readonly #client: OrcClient
  readonly #onWritten: (sentence: string) => void
  #verb = $state.raw<Verb>()
  #services = $state.raw<readonly AgentService[]>([])
  #inputs = $state.raw<Inputs>(NO_INPUTS)
  /** What is wished for, where that does not follow from what is typed. */
  #fixed: Wish | undefined
  /** When the sheet was opened: a restart is asked for once, however often the preview is made. */
  #nowMs = 0
  #wish = $state.raw<Wish>({ ok: true, patch: {} })
  readonly #previews = new SvelteMap<string, Preview>()
  readonly #outcomes = new SvelteMap<string, Outcome>()
  #isWriting = $state(false)
  #stop = new AbortController()

  constructor(client: OrcClient, onWritten: (sentence: string) => void) {
    this.#client = client
    this.#onWritten = onWritten
  }

  get verb(): Verb | undefined {
    return this.#verb
  }

  get services(): readonly AgentService[] {
    return this.#services
  }

  get inputs(): Inputs {
    return this.#inputs
  }

  get wish(): Wish {
    return this.#wish
  }

  get isWriting(): boolean {
    return this.#isWriting
  }

  /** Files that would change, or did. */
  get changing(): readonly AgentService[] {
    return this.#services.filter((service) => {
      const preview = this.previewOf(service)
      return preview.type === 'Ready' && preview.before !== preview.after && this.outcomeOf(service) === undefined
    })
  }

  previewOf(service: AgentService): Preview {
    return this.#previews.get(nameOf(service)) ?? { type: 'Loading' }
  }

  outcomeOf(service: AgentService): Outcome | undefined {
    return this.#outcomes.get(nameOf(service))
  }

  open(verb: Verb, services: readonly AgentService[]): void {
    this.#fixed = undefined
    this.#open(verb, services, {})
  }

  /** `patch` is what the manifest of the service gets to run the revision again. */
  openRollback(service: AgentService, revision: number, patch: Readonly<Record<string, unknown>>): void {
    this.#fixed = { ok: true, patch }
    this.#open('Roll back', [service], { revision: String(revision) })
  }

  #open(verb: Verb, services: readonly AgentService[], inputs: Partial<Inputs>): void {
    if (services.length === 0) return
    const [first] = services
    this.#verb = verb
    this.#services = services
    this.#inputs = { ...NO_INPUTS, replicas: String(first?.spec.replicas ?? 1), ...inputs }
    this.#nowMs = Date.now()
    this.#outcomes.clear()
    this.#previews.clear()
    this.#renew(0)
  }

  close(): void {
    this.#stop.abort()
    this.#verb = undefined
    this.#services = []
  }

  change(inputs: Partial<Inputs>): void {
    this.#inputs = { ...this.#inputs, ...inputs }
    this.#renew(AFTER_TYPING_MS)
  }

  /** Each manifest on its own: what is refused leaves the others written, and the sheet open. */
  async write(): Promise<void> {
    const { patch } = this.#wish.ok ? this.#wish : {}
    if (patch === undefined || this.#isWriting) return
    this.#isWriting = true
    const paths: string[] = []
    for (const service of this.changing) {
      const preview = this.previewOf(service)
      const outcome = await this.#writeOne(service, patch)
      this.#outcomes.set(nameOf(service), outcome)
      if (outcome.type === 'Written' && preview.type === 'Ready') paths.push(preview.path)
    }
    this.#isWriting = false
    if (paths.length > 0) this.#onWritten(`Wrote ${paths.join(', ')}.`)
    if ([...this.#outcomes.values()].every(({ type }) => type === 'Written')) this.close()
  }

  async #writeOne(service: AgentService, patch: unknown): Promise<Outcome> {
    const { name, namespace = DEFAULT_NAMESPACE } = service.metadata
    try {
      await this.#client.patch(RESOURCES.agentservices, name, namespace, patch)
      return { type: 'Written' }
    } catch (error) {
      return { type: 'Failed', problem: problemOf(error) }
    }
  }

  #renew(waitMs: number): void {
    if (this.#verb === undefined) return
    this.#wish = this.#fixed ?? wishOf(this.#verb, this.#inputs, this.#nowMs)
    this.#stop.abort()
    const stop = new AbortController()
    this.#stop = stop
    if (!this.#wish.ok) return
    const { patch } = this.#wish
    setTimeout(() => {
      for (const service of this.#services) void this.#look(service, patch, stop.signal)
    }, waitMs)
  }

  async #look(service: AgentService, patch: unknown, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return
    const preview = await this.#preview(service, patch)
    if (!signal.aborted) this.#previews.set(nameOf(service), preview)
  }

  async #preview(service: AgentService, patch: unknown): Promise<Preview> {
    const { name, namespace = DEFAULT_NAMESPACE } = service.metadata
    try {
      const resource = RESOURCES.agentservices
      const { object: after } = await this.#client.preview({ verb: 'patch', resource, name, namespace, patch })
      const before = await this.#client.get<Manifest>(RESOURCES.manifests, after.metadata.name)
      const [then, now] = [before.spec.text ?? '', after.spec.text ?? '']
      return { type: 'Ready', path: after.spec.path, before: then, after: now }
    } catch (error) {
      return { type: 'Refused', problem: problemOf(error) }
    }
  }
}

function nameOf({ metadata }: AgentService): string {
  return `${metadata.namespace ?? DEFAULT_NAMESPACE}/${metadata.name}`
}

function problemOf(error: unknown): string {
  if (error instanceof ApiError && error.code === 409)
    return `The file changed meanwhile, and nothing was written: ${error.message}`
  return error instanceof Error ? error.message : String(error)
}

export const [getReview, setReview] = createContext<Review>()
