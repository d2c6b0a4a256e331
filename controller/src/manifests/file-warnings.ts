/** What is not wrong with a manifest file, but worth a word: who else may write it, and who else may read its secrets. */
import { execFile } from 'node:child_process'
import path from 'node:path'
import type { DecodedDocument } from '@orc/schemas'

export interface FileOwnership {
  readonly mode: number
  readonly uid: number
  readonly gid: number
}

export async function fileWarnings(
  file: string,
  { mode, uid, gid }: FileOwnership,
  documents: readonly DecodedDocument[],
): Promise<string[]> {
  const warnings: string[] = []
  // A group of the owner's own number has, as a rule, no other member.
  if ((mode & 0o020) !== 0 && gid !== uid)
    warnings.push(
      'every member of its group may write this file and so start programs; run chmod g-w on it if that is not meant',
    )
  if (documents.some(({ object }) => object?.kind === 'Secret') && (await isTrackedByGit(file)))
    warnings.push(
      'it holds a Secret and git tracks it: whoever has the repository has the secret. Create it with orc apply -f from outside instead',
    )
  return warnings
}

/** False also where there is no git and no repository. */
function isTrackedByGit(file: string): Promise<boolean> {
  return new Promise((resolve) => {
    execFile(
      'git',
      ['ls-files', '--error-unmatch', '--', path.basename(file)],
      { cwd: path.dirname(file), timeout: 2000 },
      (error) => {
        resolve(error === null)
      },
    )
  })
}
