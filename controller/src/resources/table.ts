/** All that the API serves. Routes, authorization, discovery and the tests of every route come from here. */
import { agentservices } from './agentservices.ts'
import { configmaps } from './configmaps.ts'
import { controllerrevisions } from './controllerrevisions.ts'
import { events } from './events.ts'
import { manifests } from './manifests.ts'
import { namespaces } from './namespaces.ts'
import { podmetrics } from './podmetrics.ts'
import { pods } from './pods.ts'
import type { Resource } from './resource.ts'
import { secrets } from './secrets.ts'
import { serviceoverviews } from './serviceoverviews.ts'

export const RESOURCE_TABLE: readonly Resource[] = [
  agentservices,
  manifests,
  namespaces,
  configmaps,
  secrets,
  pods,
  events,
  controllerrevisions,
  serviceoverviews,
  podmetrics,
]
