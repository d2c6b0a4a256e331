/** The table of commands: their names and what they are for. All that `orc --help` needs; their code is elsewhere. */

export interface CommandEntry {
  readonly name: CommandName
  readonly aliases: readonly string[]
  readonly group: 'Objects' | 'Services' | 'The controller'
  /** One line for `orc --help`. */
  readonly summary: string
  /** Exit code of a mistake in the arguments: 1 for the verbs of kubectl, which knows no other, else 2. */
  readonly usageExitCode: 1 | 2
}

type Group = readonly (readonly [name: string, summary: string, more?: Pick<Partial<CommandEntry>, 'aliases'>])[]

const KUBECTL_VERBS =
  'get describe apply delete wait label annotate patch edit explain events completion logs scale rollout'.split(' ')

const GROUPS = {
  Objects: [
    ['get', 'Show objects as a table, as YAML or as JSON'],
    ['describe', 'Tell all about an object: what is wanted, what is, and why'],
    ['events', 'Show what happened lately, and how often'],
    ['apply', 'Make objects as files say'],
    ['diff', 'Show what applying files would change, and whether it restarts'],
    ['delete', 'Delete objects, and with a service its processes'],
    ['patch', 'Change a few fields of an object'],
    ['edit', 'Change an object in an editor'],
    ['label', 'Change labels of objects'],
    ['annotate', 'Change annotations of objects'],
    ['wait', 'Wait until objects are as they should be, or gone'],
    ['explain', 'Tell what the fields of a kind are for'],
    ['validate', 'Tell what is wrong with manifests, without a controller'],
    ['confirm', 'Let objects go that vanished together and are held'],
  ],
  Services: [
    ['run', 'Declare a service for a command and wait until it is ready', { aliases: ['add'] }],
    ['init', 'Write a small working agent and its manifest'],
    ['list', 'Show the services (get agentservices)'],
    ['logs', 'Show what a service or one of its replicas wrote'],
    ['scale', 'Set how many replicas of a service run'],
    ['rollout', 'Follow, undo or pause how a new revision replaces the old one'],
    ['restart', 'Restart every replica of services'],
    ['start', 'Let stopped services run again'],
    ['stop', 'Stop services on purpose, for good or for a while'],
    ['remove', 'Delete services (delete agentservice)'],
  ],
  'The controller': [
    ['up', 'Start the controller'],
    ['status', 'Show whether the controller runs'],
    ['down', 'End the controller and all services'],
    ['kubeconfig', 'Print how other programs reach the controller'],
    ['completion', 'Print what lets a shell complete orc commands'],
    ['dashboard', 'Print an address that opens the dashboard, signed in'],
  ],
} as const satisfies Record<CommandEntry['group'], Group>

/** Not for people: completion scripts ask it. */
const COMPLETE = '__complete'

export type CommandName = (typeof GROUPS)[keyof typeof GROUPS][number][0] | typeof COMPLETE

export const COMMANDS: readonly CommandEntry[] = Object.entries(GROUPS).flatMap(([group, commands]) =>
  commands.map(([name, summary, more]: readonly [CommandName, string, { aliases: readonly string[] }?]) => ({
    name,
    aliases: more?.aliases ?? [],
    group: group as CommandEntry['group'],
    summary,
    usageExitCode: KUBECTL_VERBS.includes(name) ? (1 as const) : (2 as const),
  })),
)

const HIDDEN: CommandEntry = { name: COMPLETE, aliases: [], group: 'Objects', summary: '', usageExitCode: 1 }

export function findCommand(word: string): CommandEntry | undefined {
  return [...COMMANDS, HIDDEN].find(({ name, aliases }) => name === word || aliases.includes(word))
}
