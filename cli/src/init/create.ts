/** Writes new files, all or none, and never over a file that is there. */
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { Failure } from '../failure.ts'
import type { NewFile } from './layout.ts'

export async function createAll(files: readonly NewFile[], cwd: string): Promise<void> {
  const existing = files.filter((file) => existsSync(file.path)).map((file) => path.relative(cwd, file.path))
  if (existing.length > 0)
    throw new Failure(
      `${existing.join(' and ')} ${existing.length > 1 ? 'are' : 'is'} already there, so nothing was written; ` +
        'choose another directory or --name',
    )
  for (const file of files) {
    await mkdir(path.dirname(file.path), { recursive: true })
    // Also holds when somebody makes the file just now.
    await writeFile(file.path, file.text, { flag: 'wx' })
  }
}
