// Checks everything that must hold before a commit, cheapest first, and stops at the first thing that does not.
import { existsSync } from 'node:fs'
import { writeCliReference } from './cli-reference.mjs'
import { inRoot, root, tools } from './paths.mjs'
import { nodeQuietly, runQuietly } from './programs.mjs'
import { SetupError, seconds } from './progress.mjs'
import { setUp } from './setup.mjs'
import { runTests } from './tests.mjs'

const workspaces = ['schemas', 'sdk', 'controller', 'cli', 'dashboard', 'examples']
const wallRules = ['--config', '.config/dependency-cruiser.cjs']
const generated = ['schemas/crd', 'schemas/docs', 'docs']

/** Each step resolves with `{ status, output }`; `advice` completes the sentence "… failed: ". */
const steps = [
  {
    name: 'generated files',
    run: compareGenerated,
    advice: 'stage or commit the files above: what is generated is part of the commit.',
  },
  {
    name: 'format',
    run: () => nodeQuietly([tools.prettier, '--check', '--log-level', 'warn', '.']),
    advice: 'run `npm run format`.',
  },
  { name: 'types', run: () => nodeQuietly([tools.tsc, '-b', '--pretty', 'false']) },
  { name: 'dashboard types', run: svelteCheck },
  { name: 'lint', run: () => nodeQuietly([tools.eslint, '--max-warnings', '0', '.']) },
  {
    name: 'walls',
    run: () => nodeQuietly([tools.dependencyCruiser, '--output-type', 'err-long', ...wallRules, ...workspaces]),
    advice: 'an import goes through a wall of docs/architecture.md section 2: the rule above gives the reason.',
  },
  {
    name: 'unused',
    run: () => nodeQuietly([tools.knip, '--no-progress', '--no-config-hints']),
    advice: 'remove what nothing uses, or list what is used.',
  },
]

/** Resolves with the exit status of the tests, which come last. */
export async function verify() {
  await step({ name: 'setup', run: async () => ({ status: 0, output: await setUp() }) })
  for (const each of steps) await step(each)
  console.log('     tests')
  return runTests([])
}

async function step({ name, run, advice = 'correct what is said above.' }) {
  const since = performance.now()
  const { status, output } = await run()
  console.log(`${status === 0 ? 'ok  ' : 'FAIL'} ${name.padEnd(16)} ${seconds(since).padStart(7)}`)
  if (status !== 0) throw new SetupError(`${name} failed: ${advice}`, output)
}

async function compareGenerated() {
  await setUp(['schemas'], { force: true })
  writeCliReference()
  if (!existsSync(inRoot('.git'))) return { status: 0, output: '' }
  const differences = await git('diff', '--exit-code', '--stat', '--', ...generated)
  if (differences.status !== 0) return differences
  const untracked = await git('ls-files', '--others', '--exclude-standard', '--', ...generated)
  return { status: untracked.stdout === '' ? 0 : 1, output: untracked.stdout }
}

/** Git refuses a checkout of another user, as in a container: it only reads here. */
function git(...args) {
  return runQuietly('git', ['-c', `safe.directory=${root}`, ...args])
}

function svelteCheck() {
  const args = [tools.svelteCheck, '--tsconfig', './tsconfig.json', '--fail-on-warnings', '--output', 'human']
  return nodeQuietly(args, { cwd: inRoot('dashboard') })
}
