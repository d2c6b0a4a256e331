/** All that the page knows of the server, kept fresh: services, replicas, files and what they use. */
import { createContext } from 'svelte'
import { RESOURCES, type AgentService, type Manifest, type Pod } from '@orc/schemas'
import type { OrcClient } from '@orc/sdk/client'
import { clock } from '#lib/clock.svelte.ts'
import { combineLinks, type Link } from '#lib/link.ts'
import { MetricsStore } from '#lib/metrics-store.svelte.ts'
import { overviewOf, type Overview } from '#lib/overview.ts'
import { ResourceStore } from '#lib/resource-store.svelte.ts'
import { UptimeStore } from '#lib/uptime-store.svelte.ts'
import { serviceViews, type ServiceView } from '#lib/service-view.ts'

export class Fleet {
  readonly #client: OrcClient
  readonly #services = new ResourceStore<AgentService>(RESOURCES.agentservices)
  readonly #pods = new ResourceStore<Pod>(RESOURCES.pods)
  readonly #manifests = new ResourceStore<Manifest>(RESOURCES.manifests)
  readonly #stores = [this.#services, this.#pods, this.#manifests] as const
  readonly metrics = new MetricsStore()
  readonly uptime = new UptimeStore()

  readonly #link = $derived(combineLinks(this.#stores.map(({ link }) => link)))
  readonly #views = $derived(serviceViews(this.#services.items, this.#pods.items))
  readonly #overview = $derived(overviewOf(this.#views, this.#manifests.items))
  readonly #hostName = $derived(this.#pods.items[0]?.spec.nodeName)
  #stop = (): void => undefined

  constructor(client: OrcClient) {
    this.#client = client
  }

  get client(): OrcClient {
    return this.#client
  }

  get link(): Link {
    return this.#link
  }

  get services(): readonly AgentService[] {
    return this.#services.items
  }

  get pods(): readonly Pod[] {
    return this.#pods.items
  }

  get manifests(): readonly Manifest[] {
    return this.#manifests.items
  }

  /** The services as the page shows them. */
  get views(): readonly ServiceView[] {
    return this.#views
  }

  get overview(): Overview {
    return this.#overview
  }

  /** The name of the machine; undefined while nothing runs on it. */
  get hostName(): string | undefined {
    return this.#hostName
  }

  /** Since when nothing new is heard of; the time of the picture that is shown. */
  get staleSinceMs(): number | undefined {
    return this.#link.type === 'Broken' ? this.#link.sinceMs : undefined
  }

  /** Ages stand still with the picture. */
  ageMs(sinceMs: number): number {
    return this.staleSinceMs === undefined ? clock.ageMs(sinceMs) : Math.max(0, this.staleSinceMs - sinceMs)
  }

  /** Follows the server until `stop`; while it runs it starts anew, without waiting for the next try. */
  start(): void {
    this.stop()
    const stops = [...this.#stores, this.metrics, this.uptime].map((store) => store.follow(this.#client))
    this.#stop = () => stops.forEach((stop) => stop())
  }

  stop(): void {
    this.#stop()
    this.#stop = () => undefined
  }
}

export const [getFleet, setFleet] = createContext<Fleet>()
