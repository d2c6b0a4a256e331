/** A condition in words: what it means, how loud it is, and what a person can do about it. Pure. */
import type { Condition, Reason } from '@orc/schemas'
import { present, type Role, type StateIcon } from '#lib/present.ts'

export interface ConditionView {
  readonly words: string
  readonly icon: StateIcon
  readonly role: Role
  readonly advice: string | undefined
}

interface Wording {
  readonly good: Condition['status']
  readonly words: readonly [good: string, other: string]
}

/** What is said when the condition is as it should be, and when it is not. */
const WORDS: Readonly<Record<string, Wording>> = {
  Ready: { good: 'True', words: ['Ready', 'Not ready'] },
  Progressing: { good: 'False', words: ['Nothing left to do', 'Changing'] },
  Accepted: { good: 'True', words: ['What is declared is in force', 'What is declared is not in force'] },
  Stalled: { good: 'False', words: ['orc can go on by itself', 'orc cannot go on by itself'] },
}

const ADVICE: { readonly [R in Reason]?: string } = {
  InvalidManifest: 'Mend the file; it is read again when it is saved.',
  DuplicateName: 'Remove or rename the object in one of the two files.',
  Held: 'Put the files back, or confirm with orc confirm that they should go.',
  DependencyCycle: 'Take one of the services out of the circle in dependsOn.',
  RolledBack: 'Look at why the new revision failed, and save a better one.',
  ProbeFailed: 'Look at what the process logs, and at the path and port of the probe.',
  CrashLoopBackOff: 'Read the last lines of its log, then mend the program or its manifest.',
  BackOff: 'It is started again by itself; the last lines of its log say why it ended.',
  Failed: 'restartPolicy says that it is not started again: change the manifest or ask for a restart.',
  StartFailed: 'Look at command and workingDir: they must exist for the user that orc runs as.',
  ReferenceNotFound: 'Declare the missing ConfigMap or Secret, or mend its name.',
  PortConflict: 'Free the port, or use port 0 to have one allocated.',
  InsufficientHostCapacity: 'Lower the requests, or stop something else.',
  Unkillable: 'The process hangs in the kernel; a disk or a network mount may not answer.',
  ProgressDeadlineExceeded: 'Look at why its replicas do not become available.',
  DependencyNotReady: 'It starts by itself as soon as what it needs is there.',
  RolloutPaused: 'It goes on when updateStrategy.paused is taken away.',
}

export function conditionView({ type, status, reason }: Condition): ConditionView {
  const known = WORDS[type]
  const isGood = status === (known?.good ?? 'True')
  const words = known === undefined ? `${type} is ${status}` : known.words[isGood ? 0 : 1]
  if (isGood) return { words, advice: undefined, icon: 'circle-check', role: 'ok' }
  const advice = Object.hasOwn(ADVICE, reason) ? ADVICE[reason as Reason] : undefined
  const { icon, role } = present(reason)
  // What orc is busy with has no state of its own: RollingOut, Settled.
  return type === 'Progressing' ? { words, advice, icon: 'refresh-cw', role: 'busy' } : { words, advice, icon, role }
}
