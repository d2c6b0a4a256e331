// Runs npm out of sight, the one that started us if there is one, and says in a sentence why it failed.
import { SetupError } from './progress.mjs'
import { runQuietly } from './programs.mjs'

// npm waits 10 s and then 60 s between its tries by default: without a network that is a long silence.
const patience = ['--fetch-retry-mintimeout=1000', '--fetch-retry-maxtimeout=10000']

const causes = [
  {
    pattern: /EBADENGINE/,
    advice: `Node.js ${process.versions.node} is not one that orc's tools support: use 20.19+, 22.13+ or 24+.`,
  },
  {
    pattern: /ENOTFOUND|EAI_AGAIN|ENETUNREACH|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENOTCACHED|ERR_SOCKET_TIMEOUT/,
    advice: 'the package registry cannot be reached: connect to the network (or fix the proxy) and run this again.',
  },
  {
    pattern: /EACCES|EPERM|EROFS/,
    advice: 'a directory cannot be written to: give this checkout and the npm cache to the user who runs this command.',
  },
  { pattern: /ENOSPC/, advice: 'the disk is full: free about 500 MB and run this again.' },
  {
    pattern: /package-lock\.json.*are in sync|EUSAGE/,
    advice: 'package-lock.json does not match a package.json: run `npm install` and commit both.',
  },
]

/** Runs npm with `args` and resolves with its stdout. `doing` completes the sentence "… failed". */
export async function npm(doing, args, options = {}) {
  const [command, ...first] = npmCommand()
  const { status, output, stdout } = await start(command, [...first, ...args, ...patience], options)
  if (status === 0) return stdout
  const advice = causes.find(({ pattern }) => pattern.test(output))?.advice ?? 'npm says above what is wrong.'
  throw new SetupError(`${doing} failed: ${advice}`, beginning(output))
}

/** npm_execpath is also set by other package managers, which take other arguments. */
function npmCommand() {
  const script = process.env.npm_execpath
  return script && /npm-cli\.[cm]?js$/.test(script) ? [process.execPath, script] : ['npm']
}

async function start(command, args, options) {
  try {
    return await runQuietly(command, args, options)
  } catch (error) {
    if (error.code !== 'ENOENT') throw error
    throw new SetupError('npm was not found: install it (it comes with Node.js) or add it to PATH.')
  }
}

/** npm follows its error with all that its command can do. */
function beginning(output) {
  return output.trim().split('\n').slice(0, 12).join('\n')
}
