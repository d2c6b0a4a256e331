/** Differences as the program shows them that the person has chosen, from two directories as kubectl makes them. */
import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { Failure } from '../failure.ts'
import type { OrcContext } from '../orc-context.ts'
import type { Compared } from './comparable.ts'

export function externalDiffOf(env: OrcContext['env']): string | undefined {
  return [env['ORC_EXTERNAL_DIFF'], env['KUBECTL_EXTERNAL_DIFF']].find((each) => each !== undefined && each !== '')
}

/** What the program writes. Its code says the same as that of `diff`: 0 = equal, 1 = different, else an error. */
export async function externalDiff(command: string, all: readonly Compared[]): Promise<string> {
  const live = await mkdtemp(path.join(os.tmpdir(), 'LIVE-'))
  const merged = await mkdtemp(path.join(os.tmpdir(), 'MERGED-'))
  try {
    for (const each of all) {
      if (each.live !== '') await writeFile(path.join(live, each.name), each.live, { mode: 0o600 })
      await writeFile(path.join(merged, each.name), each.merged, { mode: 0o600 })
    }
    return await run(command, [live, merged])
  } finally {
    for (const directory of [live, merged]) await rm(directory, { recursive: true, force: true })
  }
}

async function run(command: string, directories: readonly string[]): Promise<string> {
  const child = spawn('/bin/sh', ['-c', `${command} "$1" "$2"`, 'orc-diff', ...directories], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const code = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', resolve)
  })
  const output = await text(child.stdout)
  const ended = await code
  if (ended === 0 || ended === 1) return output
  throw new Failure(`${JSON.stringify(command)} failed with code ${String(ended)}`)
}
