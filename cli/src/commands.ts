/** The table of commands: their names, what they are for, and where their code is. The code is loaded when it is called. */
import type { BaseContext, CommandClass } from 'clipanion'
import type { OrcContext } from './orc-context.ts'

export interface CommandEntry {
  /** What people type: the name, then its aliases. */
  readonly names: readonly [name: string, ...aliases: string[]]
  readonly group: 'Objects' | 'Services' | 'The controller'
  /** One line for `orc --help`. */
  readonly summary: string
  /** Exit code of a mistake in the arguments: 1 for the verbs of kubectl, which knows no other, else 2. */
  readonly usageExitCode: 1 | 2
  load(): Promise<CommandClass<OrcContext> | CommandClass<BaseContext>>
}

const objects = { group: 'Objects', usageExitCode: 1 } as const
const services = { group: 'Services', usageExitCode: 2 } as const
const controller = { group: 'The controller', usageExitCode: 2 } as const

export const COMMANDS: readonly CommandEntry[] = [
  {
    ...objects,
    names: ['get'],
    summary: 'Show objects as a table, as YAML or as JSON',
    load: async () => (await import('./commands/get.ts')).GetCommand,
  },
  {
    ...objects,
    names: ['describe'],
    summary: 'Tell all about an object: what is wanted, what is, and why',
    load: async () => (await import('./commands/describe.ts')).DescribeCommand,
  },
  {
    ...objects,
    names: ['apply'],
    summary: 'Make objects as files say',
    load: async () => (await import('./commands/apply.ts')).ApplyCommand,
  },
  {
    ...objects,
    names: ['delete'],
    summary: 'Delete objects, and with a service its processes',
    load: async () => (await import('./commands/delete.ts')).DeleteCommand,
  },
  {
    ...services,
    names: ['run', 'add'],
    summary: 'Declare a service for a command and wait until it is ready',
    load: async () => (await import('./commands/run.ts')).RunCommand,
  },
  {
    ...services,
    names: ['init'],
    summary: 'Write a small working agent and its manifest',
    load: async () => (await import('./commands/init.ts')).InitCommand,
  },
  {
    ...services,
    names: ['list'],
    summary: 'Show the services (get agentservices)',
    load: async () => (await import('./commands/list.ts')).ListCommand,
  },
  {
    ...services,
    names: ['logs'],
    usageExitCode: 1,
    summary: 'Show what a service or one of its replicas wrote',
    load: async () => (await import('./commands/logs.ts')).LogsCommand,
  },
  {
    ...services,
    names: ['scale'],
    usageExitCode: 1,
    summary: 'Set how many replicas of a service run',
    load: async () => (await import('./commands/scale.ts')).ScaleCommand,
  },
  {
    ...services,
    names: ['restart'],
    summary: 'Restart every replica of services',
    load: async () => (await import('./commands/restart.ts')).RestartCommand,
  },
  {
    ...services,
    names: ['start'],
    summary: 'Let stopped services run again',
    load: async () => (await import('./commands/start.ts')).StartCommand,
  },
  {
    ...services,
    names: ['stop'],
    summary: 'Stop services on purpose, for good or for a while',
    load: async () => (await import('./commands/stop.ts')).StopCommand,
  },
  {
    ...services,
    names: ['remove'],
    summary: 'Delete services (delete agentservice)',
    load: async () => (await import('./commands/remove.ts')).RemoveCommand,
  },
  {
    ...controller,
    names: ['up'],
    summary: 'Start the controller',
    load: async () => (await import('./commands/up.ts')).UpCommand,
  },
  {
    ...controller,
    names: ['status'],
    summary: 'Show whether the controller runs',
    load: async () => (await import('./commands/status.ts')).StatusCommand,
  },
  {
    ...controller,
    names: ['down'],
    summary: 'End the controller and all services',
    load: async () => (await import('./commands/down.ts')).DownCommand,
  },
  {
    ...controller,
    names: ['dashboard'],
    summary: 'Print an address that opens the dashboard, signed in',
    load: async () => (await import('./commands/dashboard.ts')).DashboardCommand,
  },
]

export function findCommand(name: string): CommandEntry | undefined {
  return COMMANDS.find(({ names }) => names.includes(name))
}
