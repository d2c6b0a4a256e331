/** The fields of a service that a running process was started with: a change of them needs a new process. */
import type { AgentServiceSpec } from './generated/index.ts'

/** The resolved working directory and allocated ports are not among them. */
export const RUN_RELEVANT_FIELDS = [
  'command',
  'args',
  'workingDir',
  'env',
  'envFrom',
  'files',
  'inheritEnv',
  'ports',
  'initCommands',
  'lifecycle',
] as const satisfies (keyof AgentServiceSpec)[]
