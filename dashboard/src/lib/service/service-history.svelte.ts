/** What happened to one service: its events as they come; runs and revisions asked for anew whenever it changed. */
import { DEFAULT_NAMESPACE, RESOURCES, SERVICE_LABEL, type AgentService, type Pod } from '@orc/schemas'
import type { ControllerRevision, EndedRun, KubeEvent } from '@orc/schemas'
import type { OrcClient } from '@orc/sdk/client'
import { ResourceStore } from '#lib/resource-store.svelte.ts'
import { revisionViews, type RevisionView } from './revisions.ts'
import { MOST_RUNS } from './why.ts'

export class ServiceHistory {
  readonly #client: OrcClient
  readonly #namespace: string
  readonly #name: string
  readonly #allEvents: ResourceStore<KubeEvent>
  readonly #events = $derived.by(() => this.#allEvents.items.filter((event) => this.#isOwn(event)))
  #runs = $state.raw<readonly EndedRun[]>()
  #revisions = $state.raw<readonly RevisionView[]>([])

  constructor(client: OrcClient, namespace: string, name: string) {
    this.#client = client
    this.#namespace = namespace
    this.#name = name
    this.#allEvents = new ResourceStore(RESOURCES.events, { namespace })
  }

  /** Of the service and its replicas; the latest first. */
  get events(): readonly KubeEvent[] {
    return this.#events.toSorted((a, b) => (a.lastTimestamp < b.lastTimestamp ? 1 : -1))
  }

  /** The latest first; undefined while they are not known. */
  get runs(): readonly EndedRun[] | undefined {
    return this.#runs
  }

  /** Newest first. */
  get revisions(): readonly RevisionView[] {
    return this.#revisions
  }

  /** Until the returned function is called. */
  follow(): () => void {
    return this.#allEvents.follow(this.#client)
  }

  /** A failure says nothing new: what was known stays, and the watches say that the server is away. */
  async askForRuns(): Promise<void> {
    try {
      this.#runs = (await this.#client.serviceRuns(this.#namespace, this.#name, { limit: MOST_RUNS })).items
    } catch {
      return
    }
  }

  async askForRevisions(): Promise<void> {
    try {
      const labelSelector = `${SERVICE_LABEL}=${this.#name}`
      const options = { namespace: this.#namespace, labelSelector }
      const { items } = await this.#client.list<ControllerRevision>(RESOURCES.controllerrevisions, options)
      this.#revisions = revisionViews(items)
    } catch {
      return
    }
  }

  /** A pod is named after its service and its ordinal. */
  #isOwn({ involvedObject: { kind, name } }: KubeEvent): boolean {
    if (kind === 'AgentService') return name === this.#name
    return kind === 'Pod' && name.startsWith(`${this.#name}-`) && /^\d+$/.test(name.slice(this.#name.length + 1))
  }
}

/** Changes when a run ended or began. */
export function signOfRuns(pods: readonly Pod[]): string {
  return pods
    .map(
      ({
        status: {
          containerStatuses: [{ containerID, state, lastState }],
        },
      }) => [containerID, (state.terminated ?? lastState.terminated)?.containerID].join(' '),
    )
    .join(' ')
}

/** Changes when another revision came into force or was rejected. */
export function signOfRevisions({ metadata, status }: AgentService): string {
  const { namespace = DEFAULT_NAMESPACE, name, generation } = metadata
  return [namespace, name, generation, status?.currentRevision, status?.rejectedRevision, status?.updatedReplicas].join(
    ' ',
  )
}
