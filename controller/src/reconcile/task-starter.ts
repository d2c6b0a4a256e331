/**
 * Starts the tasks of replicas. One that cannot be started is recorded as a run that says why and fails, so that there is
 * one memory of what came of a task and a crash of the controller changes nothing about it.
 */
import { keyOf, type AcceptedSpec, type Key } from '@orc/schemas'
import path from 'node:path'
import type { AcceptedService, Action } from '../plan/world.ts'
import { runVariables, type Hook, type RunHooks, type RunOrder, type Runtime } from '../runtime/runtime.ts'
import { lifeOf, type Handed, type Handout } from './handout.ts'
import { limitsOf } from './limits.ts'
import type { Rollouts } from './rollouts.ts'

type StartTask = Extract<Action, { type: 'StartTask' }>

/** What a run is to remember for its hooks. */
export function hooksOf(spec: AcceptedSpec): { readonly hooks?: RunHooks } {
  const { lifecycle, env, envFrom, inheritEnv, terminationGracePeriodSeconds } = spec
  const { postStart, preStop } = lifecycle ?? {}
  if (postStart === undefined && preStop === undefined) return {}
  const hook = (
    { exec, timeoutSeconds }: { exec: { command: readonly string[] }; timeoutSeconds?: number },
    otherwise: number,
  ): Hook => ({ command: exec.command, timeoutSeconds: timeoutSeconds ?? otherwise })
  return {
    hooks: {
      ...(postStart !== undefined && { postStart: hook(postStart, 30) }),
      ...(preStop !== undefined && { preStop: hook(preStop, Math.max(1, terminationGracePeriodSeconds)) }),
      environment: { env, envFrom, inheritEnv },
    },
  }
}

export interface TaskStarterOptions {
  readonly runtime: Pick<Runtime, 'start'>
  readonly handout: Handout
  readonly rollouts: Pick<Rollouts, 'begin'>
  readonly baseDirOf: (key: Key) => string
}

export class TaskStarter {
  readonly #options: TaskStarterOptions

  constructor(options: TaskStarterOptions) {
    this.#options = options
  }

  async start(action: StartTask, accepted: AcceptedService | undefined): Promise<void> {
    const { runtime } = this.#options
    const common = {
      slot: action.slot,
      incarnation: action.incarnation,
      restartCount: 0,
      failures: action.failures,
      command: action.command,
      ports: [],
      assignment: { target: action.target, timeoutSeconds: action.timeoutSeconds },
    }
    const order = this.#hookOrder(action) ?? this.#initOrder(action, accepted)
    if (order === undefined) return
    const { handed, ...rest } = order
    const full = { ...common, ...rest }
    const result = handed.ok
      ? await runtime.start({ ...full, env: handed.env, ...(handed.files && { files: handed.files }) })
      : handed
    if (!result.ok) await runtime.start(inPlaceOf(full, result.message))
  }

  #hookOrder({ hookOf }: StartTask): Order | undefined {
    const environment = hookOf?.record.hooks?.environment
    if (hookOf === undefined || environment === undefined) return undefined
    const { revision, restartedAt, workingDir } = hookOf.record
    const found = this.#options.handout.environmentOf(environment, lifeOf(hookOf))
    const handed: Handed = found.ok
      ? { ok: true, env: { ...found.env, ...runVariables(hookOf.record) } }
      : { ok: false, reason: 'ReferenceNotFound', message: found.message }
    return { revision, restartedAt, workingDir, stopSignal: 'SIGKILL', graceMs: 0, handed }
  }

  /** It may be the first that is run of a revision. */
  #initOrder({ slot, incarnation }: StartTask, accepted: AcceptedService | undefined): Order | undefined {
    if (accepted === undefined) return undefined
    const { rollouts, baseDirOf } = this.#options
    const { namespace, name } = slot
    const { uid, spec, revision, restartedAt } = accepted
    rollouts.begin({ namespace, name, uid }, accepted)
    const workingDir = path.resolve(baseDirOf(keyOf('AgentService', namespace, name)), spec.workingDir ?? '.')
    const { stopSignal, terminationGracePeriodSeconds } = spec
    const handed = this.#options.handout.of(spec, { slot, incarnation, revision })
    const graceMs = terminationGracePeriodSeconds * 1000
    return { revision, restartedAt, workingDir, stopSignal, graceMs, limits: limitsOf(spec), handed }
  }
}

type Order = Pick<RunOrder, 'revision' | 'restartedAt' | 'workingDir' | 'stopSignal' | 'graceMs' | 'limits'> & {
  readonly handed: Handed
}

function inPlaceOf(order: Omit<RunOrder, 'env'>, message: string): RunOrder {
  const command = ['/bin/sh', '-c', 'printf "%s\\n" "$0" >&2; exit 127', message]
  return { ...order, command, workingDir: '/', env: {} }
}
