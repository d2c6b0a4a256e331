/** Asks a person before something that concerns more than was typed. Without a person to ask, `--yes` must say it. */
import { UsageError } from 'clipanion'
import { createInterface } from 'node:readline'
import { isTerminal, type OrcContext } from './orc-context.ts'

/** `lines`: all that is concerned, shown before the question. True when it may be done. */
export async function isConfirmed(
  { stdin, stderr }: Pick<OrcContext, 'stdin' | 'stderr'>,
  { question, lines, yes }: { readonly question: string; readonly lines: readonly string[]; readonly yes: boolean },
): Promise<boolean> {
  if (yes) return true
  for (const line of lines) stderr.write(`  ${line}\n`)
  if (!isTerminal(stdin)) throw new UsageError(`${question} There is no terminal to ask on: give --yes to do it`)
  stderr.write(`${question} [y/N] `)
  const lineReader = createInterface({ input: stdin })
  let answer = ''
  for await (const line of lineReader) {
    answer = line.trim()
    break
  }
  const isYes = /^y(es)?$/i.test(answer)
  if (!isYes) stderr.write('Nothing was changed.\n')
  return isYes
}
