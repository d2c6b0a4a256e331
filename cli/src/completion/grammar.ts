/** What may stand where on a command line: read off the commands themselves. */
import { RESOURCES } from '@orc/schemas'
import type { Definition } from 'clipanion'
import { COMMANDS } from '../commands.ts'
import { kindWords } from '../selection.ts'

export interface CommandWords {
  readonly name: string
  readonly summary: string
  readonly flags: readonly Flag[]
}

export interface Flag {
  /** `-n`, `--namespace`. */
  readonly names: readonly string[]
  readonly takesValue: boolean
  readonly description: string
}

/** What the arguments of a command are. */
export const ARGUMENTS = {
  /** A kind, then names of it. */
  objects: ['get', 'describe', 'delete', 'wait', 'label', 'annotate', 'patch', 'edit', 'explain'],
  services: ['list', 'scale', 'restart', 'start', 'stop', 'remove', 'logs', 'events'],
  /** A verb of the command, then names of services. */
  rollouts: ['rollout'],
  shells: ['completion'],
} as const

export const SHELLS = ['bash', 'zsh', 'fish'] as const

export function commandWords(definitions: readonly Definition[]): readonly CommandWords[] {
  return COMMANDS.map(({ name, summary }) => ({
    name,
    summary,
    flags: (definitions.find(({ path }) => path === `orc ${name}`)?.options ?? []).map((option) => ({
      names: (option.definition.split(' ')[0] ?? '').split(','),
      takesValue: option.definition.includes('#'),
      description: option.description ?? '',
    })),
  }))
}

/** Words that begin an argument of kind: long names, and the short ones that people type. */
export function kindCandidates(): readonly string[] {
  const others = Object.values(RESOURCES).flatMap(({ singular, shortNames }) => [singular, ...shortNames])
  return [...new Set([...kindWords(), ...others])].toSorted()
}
