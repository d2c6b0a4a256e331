/** The vocabulary of states: one word, one icon, one colour role and one place on the page for each of them. */
import type { Reason } from '@orc/schemas'

/** `busy` = orc is acting; `off` = switched off on purpose, or unknown. */
export type Role = 'ok' | 'busy' | 'wait' | 'bad' | 'off'

/** Names of lucide icons. */
export type StateIcon =
  | 'circle-alert'
  | 'circle-check'
  | 'circle-dashed'
  | 'circle-question-mark'
  | 'circle-stop'
  | 'flag'
  | 'hourglass'
  | 'loader-circle'
  | 'memory-stick'
  | 'octagon-x'
  | 'refresh-cw'
  | 'rotate-ccw'
  | 'shield-alert'
  | 'timer'
  | 'triangle-alert'
  | 'unplug'

/** `Changing` goes on by itself; `NeedsYou` may not. */
export type Attention = 'NeedsYou' | 'Changing' | 'AsDeclared'

export interface Presentation {
  readonly word: string
  readonly icon: StateIcon
  readonly role: Role
  readonly attention: Attention
  /** What is said after the name of one service, and after the names of several. */
  readonly phrase: readonly [one: string, many: string]
}

/** States that orc does not name with a reason of its own. */
type OwnState = 'RollingOut' | 'NotConnected'

/** Where a state stands on the page, and how the page speaks of it. */
type Standing = Pick<Presentation, 'attention' | 'phrase'>

const needsYou = (one: string, many: string): Standing => ({ attention: 'NeedsYou', phrase: [one, many] })
const changing = (one: string, many: string): Standing => ({ attention: 'Changing', phrase: [one, many] })
const asDeclared: Standing = { attention: 'AsDeclared', phrase: ['is as declared', 'are as declared'] }

const state = (word: string, icon: StateIcon, role: Role, standing: Standing): Presentation => ({
  word,
  icon,
  role,
  ...standing,
})

const starting = state('Starting', 'loader-circle', 'busy', changing('is starting', 'are starting'))
const stalled = state('Stalled', 'triangle-alert', 'bad', needsYou('is stalled', 'are stalled'))
const held = state('Held', 'shield-alert', 'wait', needsYou('is held back', 'are held back'))
const ranOutOfMemory = needsYou('ran out of memory', 'ran out of memory')
const outOfMemory = state('Out of memory', 'memory-stick', 'bad', ranOutOfMemory)
const backingOff = needsYou('ended and waits to start again', 'ended and wait to start again')
const unknown = state('Unknown', 'circle-question-mark', 'off', needsYou('needs a look', 'need a look'))

const STATES: { readonly [S in Reason | OwnState]?: Presentation } = {
  Ready: state('Ready', 'circle-check', 'ok', asDeclared),
  Completed: state('Completed', 'flag', 'ok', asDeclared),
  Stopped: state('Stopped', 'circle-stop', 'off', asDeclared),
  ControllerShutdown: state('Stopped', 'circle-stop', 'off', asDeclared),
  ScaledToZero: state('Scaled to zero', 'circle-stop', 'off', asDeclared),

  Starting: starting,
  WaitingForReady: starting,
  RollingOut: state('Updating', 'refresh-cw', 'busy', changing('is rolling out', 'are rolling out')),
  Stopping: state('Stopping', 'circle-dashed', 'busy', changing('is stopping', 'are stopping')),
  DependencyNotReady: state('Waiting', 'hourglass', 'wait', changing('waits for another service', 'wait for others')),

  ProbeFailed: state('Not ready', 'circle-alert', 'wait', needsYou('is not ready', 'are not ready')),
  BackOff: state('Backing off', 'timer', 'bad', backingOff),
  CrashLoopBackOff: state('Crash loop', 'rotate-ccw', 'bad', needsYou('keeps crashing', 'keep crashing')),
  MemoryLimitExceeded: outOfMemory,
  OOMKilled: outOfMemory,
  Failed: state('Failed', 'octagon-x', 'bad', needsYou('failed', 'failed')),

  InvalidManifest: stalled,
  DuplicateName: stalled,
  DependencyCycle: stalled,
  RolledBack: stalled,
  StartFailed: stalled,
  ReferenceNotFound: stalled,
  PortConflict: stalled,
  InsufficientHostCapacity: stalled,
  Unkillable: stalled,
  RetryingAfterError: stalled,
  Held: held,
  PendingApproval: held,

  ExitCodeUnknown: unknown,
  NotConnected: state('Not connected', 'unplug', 'wait', needsYou('is not connected', 'are not connected')),
}

/** A state that is not in the vocabulary is shown by its reason: never dropped, never guessed at. */
export function present(reason: string): Presentation {
  const known = Object.hasOwn(STATES, reason) ? STATES[reason as Reason | OwnState] : undefined
  return known ?? { ...unknown, word: reason }
}

const SEVERITY: Readonly<Record<Role, number>> = { bad: 0, wait: 1, busy: 2, ok: 3, off: 4 }

/** Worse before better; what is off on purpose comes last. */
export function bySeverity(a: Presentation, b: Presentation): number {
  return SEVERITY[a.role] - SEVERITY[b.role]
}
