/** The editor of the person who asks, on the terminal of this program. */
import { spawn } from 'node:child_process'
import { Failure } from '../failure.ts'
import type { OrcContext } from '../orc-context.ts'

/** Its arguments may stand with it, as in `code --wait`; so a shell reads it, as it does for git and kubectl. */
export function editorOf(env: OrcContext['env']): string {
  return [env['ORC_EDITOR'], env['EDITOR']].find((editor) => editor !== undefined && editor !== '') ?? 'vi'
}

/** Resolves when the editor has ended well. */
export function runEditor(editor: string, file: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('/bin/sh', ['-c', `${editor} "$1"`, 'orc-edit', file], { stdio: 'inherit' })
    const refuse = (why: string): void => {
      reject(new Failure(`there was a problem with the editor ${JSON.stringify(editor)}: ${why}`))
    }
    child.on('error', (error) => {
      refuse(error.message)
    })
    child.on('exit', (code, signal) => {
      if (code === 0) resolve()
      else refuse(signal === null ? `it ended with code ${String(code)}` : `${signal} ended it`)
    })
  })
}
