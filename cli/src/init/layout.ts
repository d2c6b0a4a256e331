/** Where the files of a new agent go, and under which name it is declared. */
import { existsSync } from 'node:fs'
import path from 'node:path'
import { AGENTS, manifestText, type Template } from './template.ts'

export interface NewFile {
  /** Absolute. */
  readonly path: string
  readonly text: string
}

export interface InitRequest {
  readonly template: Template
  readonly name: string
  /** Absolute. */
  readonly directory: string
  /** Absolute. */
  readonly cwd: string
}

export function filesOf({ template, name, directory, cwd }: InitRequest): readonly NewFile[] {
  const agent = AGENTS[template]
  const home = homeOf(directory, cwd)
  const workingDir = path.relative(home, directory)
  return [
    { path: path.join(directory, agent.file), text: agent.program },
    { path: path.join(home, 'manifests', `${name}.yaml`), text: manifestText(name, agent, workingDir) },
  ]
}

/** The directory that contains the manifests: there where `manifests/` already is, else that of the agent. */
function homeOf(directory: string, cwd: string): string {
  const isBelow = !path.relative(cwd, directory).startsWith('..')
  const candidates = isBelow ? [directory, cwd] : [directory]
  return candidates.find((candidate) => existsSync(path.join(candidate, 'manifests'))) ?? directory
}

/** A name from that of a directory: `My Agent` gives `my-agent`. Empty when nothing is left of it. */
export function nameFrom(directory: string): string {
  const words = path
    .basename(directory)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
  return words.slice(0, 63).replaceAll(/^-+|-+$/g, '')
}
