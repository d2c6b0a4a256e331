/**
 * The closed list of reasons of conditions, terminations and events. A reason is never renamed and never reused:
 * people search, script and alert on it.
 */
export const REASONS = {
  // Accepted
  Accepted: 'The declared spec is the one in force.',
  InvalidManifest: 'The file cannot be read as manifests; the last good spec stays in force.',
  DuplicateName: 'Another file declares the same object; that one counts.',
  Held: 'A removal waits for confirmation.',
  PendingApproval: 'The change waits for approval.',
  DependencyCycle: 'The service depends on itself through others.',
  RolledBack: 'The declared revision failed; the one before is in force.',
  // Ready, Progressing
  Ready: 'Every replica is ready.',
  Starting: 'A process is being started.',
  WaitingForReady: 'A process runs and its probes have not passed yet.',
  ProbeFailed: 'A probe fails.',
  Stopping: 'A process has been asked to end.',
  Stopped: 'Stopped on purpose.',
  ScaledToZero: 'No replicas are wanted.',
  Completed: 'The process ended and is not to be started again.',
  Failed: 'The process failed and is not to be started again.',
  BackOff: 'A process ended and is started again after a wait.',
  CrashLoopBackOff: 'A process ends again and again.',
  DependencyNotReady: 'A service that this one depends on is not there yet.',
  RollingOut: 'Replicas are being replaced by those of a new revision.',
  RolloutPaused: 'A new revision waits because the rollout is paused.',
  Settled: 'Nothing is left to do.',
  // Stalled
  StartFailed: 'The process cannot be started.',
  ReferenceNotFound: 'A ConfigMap, Secret or key that the service needs does not exist.',
  PortConflict: 'A port that the service needs is taken.',
  InsufficientHostCapacity: 'The host has not enough left.',
  Unkillable: 'A process does not end even after SIGKILL.',
  ProgressDeadlineExceeded: 'A new revision does not become available, and there is none to return to.',
  RetryingAfterError: 'orc met an error of its own and tries again.',
  // Events only
  Started: 'A process was started.',
  ConfigReloaded: 'A process was sent a signal, because content that was handed to it has changed.',
  ReloadNotHandled: 'A process does not handle the signal that tells it of new content, so it was not sent.',
  LogsDropped: 'A process writes faster than its log can be kept.',
  GracePeriodExceeded: 'A process did not end when it was asked to, and is killed.',
  // Terminations
  Exited: 'The process ended by itself.',
  Killed: 'A signal that orc did not send ended the process.',
  OOMKilled: 'The kernel ended the process for its memory.',
  MemoryLimitExceeded: 'The process used more memory than allowed.',
  CPULimitExceeded: 'The process used more CPU time than allowed.',
  LivenessProbeFailed: 'The liveness probe failed, so the process is replaced.',
  StartupProbeFailed: 'The startup probe failed, so the process is replaced.',
  SpecChanged: 'A new revision replaces the process.',
  ConfigChanged: 'A ConfigMap or Secret of the service changed, and it asks to be restarted then.',
  DependencyRestarted: 'A service that this one depends on began anew, and it asks to be restarted then.',
  RestartRequested: 'Somebody asked for a restart.',
  PodDeleted: 'Somebody deleted the pod, so another one takes its place.',
  ScaledDown: 'Fewer replicas are wanted.',
  ServiceDeleted: 'The service is no longer declared.',
  ControllerShutdown: 'orc was stopped together with its services.',
  HostReboot: 'The host was restarted.',
  Cancelled: 'The start was called off before the process ran.',
  ExitCodeUnknown: 'The process is gone and nobody saw how it ended.',
} as const

export type Reason = keyof typeof REASONS
