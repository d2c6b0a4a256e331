/** Specs with every default filled in: what the planner sees. */
import type { AgentServiceSpec, Backoff, Probe, Reload, UpdateStrategy } from './generated/index.ts'

type DefaultedField =
  | 'args'
  | 'env'
  | 'envFrom'
  | 'inheritEnv'
  | 'ports'
  | 'replicas'
  | 'operatingMode'
  | 'restartPolicy'
  | 'terminationGracePeriodSeconds'
  | 'stopSignal'
  | 'revisionHistoryLimit'

/** A spec as `validate` returns it: the fields that have a default are there. */
export type AcceptedSpec = Omit<AgentServiceSpec, 'backoff' | 'reload' | 'updateStrategy'> &
  Required<Pick<AgentServiceSpec, DefaultedField>> & {
    readonly backoff: AcceptedBackoff
    readonly reload: Required<Reload>
    readonly updateStrategy: AcceptedUpdateStrategy
  }

export type AcceptedBackoff = Required<Backoff>
export type AcceptedProbe = Probe &
  Required<
    Pick<Probe, 'initialDelaySeconds' | 'periodSeconds' | 'timeoutSeconds' | 'successThreshold' | 'failureThreshold'>
  >
export type AcceptedUpdateStrategy = Required<Omit<UpdateStrategy, 'paused'>> & Pick<UpdateStrategy, 'paused'>
