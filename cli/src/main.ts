/** Entry of `orc`: joins the command line with the streams, signals and environment of this process. */
import { runCli } from './cli.ts'
import { wantsColors, type OrcContext } from './orc-context.ts'

const { env, stdout, stderr } = process

function processContext(): OrcContext {
  return {
    env,
    stdout,
    stderr,
    stdin: process.stdin,
    colorDepth: wantsColors({ env, stdout }) ? 8 : 1,
    cwd: process.cwd(),
    nowMs: () => Date.now(),
    interruption() {
      const controller = new AbortController()
      process.once('SIGINT', () => {
        controller.abort()
      })
      return controller.signal
    },
  }
}

// The reader of a pipe went away (`orc get | head -1`): there is nobody left to tell.
for (const stream of [stdout, stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    process.exit(0)
  })

// The code alone, no exit(): what was written to a pipe may still be on its way.
process.exitCode = await runCli(process.argv.slice(2), processContext())
