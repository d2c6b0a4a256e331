/** ControllerRevisions: what each service ran before, and what came of it. They change when services roll out. */
import {
  apiVersionOf,
  keyOf,
  RESOURCES,
  RUN_RELEVANT_FIELDS,
  SERVICE_LABEL,
  type AgentService,
  type ControllerRevision,
} from '@orc/schemas'
import type { RememberedRevision } from '../ports/revision-history.ts'
import { AGE_COLUMN, NAME_COLUMN } from './columns.ts'
import type { ObjectSource, Resource, Rooms } from './resource.ts'

export const controllerrevisions: Resource<ControllerRevision> = {
  name: RESOURCES.controllerrevisions,
  verbs: ['get', 'list'],
  storage: 'Projected',
  source: revisionSource,
  columns: [
    NAME_COLUMN,
    {
      name: 'Service',
      type: 'string',
      description: 'Whose revision it is.',
      cell: ({ metadata }) => metadata.labels?.[SERVICE_LABEL] ?? '',
    },
    {
      name: 'Revision',
      type: 'integer',
      format: 'int32',
      description: 'Rises each time a revision comes into force.',
      cell: ({ revision }) => revision,
    },
    {
      name: 'State',
      type: 'string',
      description: 'InForce, Proven, Rejected or New.',
      cell: ({ orc }) => orc.state,
    },
    AGE_COLUMN,
    {
      name: 'Message',
      type: 'string',
      priority: 1,
      description: 'Why it was rejected.',
      cell: ({ orc }) => orc.message ?? '',
    },
  ],
}

function revisionSource({ cache, revisions }: Rooms): ObjectSource {
  const list = (namespace?: string): ControllerRevision[] =>
    revisions.remembered(namespace).map((remembered) => {
      const service = cache.get<AgentService>(keyOf('AgentService', remembered.namespace, remembered.service))
      return revisionOf(remembered, service?.status?.currentRevision)
    })
  return { list, get: (namespace, name) => list(namespace).find(({ metadata }) => metadata.name === name) }
}

function revisionOf(remembered: RememberedRevision, inForce: string | undefined): ControllerRevision {
  const { namespace, service, serviceUid, name, uid, number, revision, createdAt, rejection } = remembered
  const spec = Object.entries(remembered.spec).filter(([field]) => isRunRelevant(field))
  return {
    apiVersion: apiVersionOf(RESOURCES.controllerrevisions) as ControllerRevision['apiVersion'],
    kind: 'ControllerRevision',
    metadata: {
      name,
      namespace,
      uid,
      labels: { [SERVICE_LABEL]: service },
      creationTimestamp: createdAt,
      ownerReferences: [
        {
          apiVersion: apiVersionOf(RESOURCES.agentservices),
          kind: 'AgentService',
          name: service,
          uid: serviceUid,
          controller: true,
        },
      ],
    },
    revision: number,
    data: { spec: Object.fromEntries(spec) },
    orc: {
      state: stateOf(remembered, inForce),
      revision,
      ...(rejection === undefined ? {} : { message: rejection.message }),
    },
  }
}

/** One that is tried again after it was rejected is in force. */
function stateOf(
  { revision, isProven, rejection }: RememberedRevision,
  inForce: string | undefined,
): ControllerRevision['orc']['state'] {
  if (revision === inForce) return 'InForce'
  if (rejection !== undefined) return 'Rejected'
  return isProven ? 'Proven' : 'New'
}

function isRunRelevant(field: string): boolean {
  return (RUN_RELEVANT_FIELDS as readonly string[]).includes(field)
}
