// Runs the tests with all that they need: everything built, and a browser if browser tests are among them.
import { randomUUID } from 'node:crypto'
import { findBrowser } from './browser.mjs'
import { tools } from './paths.mjs'
import { nodeVisibly } from './programs.mjs'
import { say } from './progress.mjs'
import { setUp } from './setup.mjs'

/** Resolves with the exit status of vitest, which gets `args`. `long` adds the campaigns that take hours. */
export async function runTests(args, { long = false } = {}) {
  await setUp()
  const env = { ...process.env, NODE_ENV: 'test', ORC_TEST_SUITE: randomUUID() }
  if (long) env.ORC_TEST_LONG = '1'
  if (includesBrowserTests(args)) await addBrowser(env)
  return nodeVisibly([tools.vitest, 'run', ...args], { env })
}

/** Without one the browser tests are skipped by name, which is a failure where CI is set: see vitest-reporter.ts. */
async function addBrowser(env) {
  const browser = await findBrowser()
  if (browser === undefined) {
    say('NO CHROMIUM can be had on this machine: the browser tests are skipped. Set ORC_CHROMIUM to the path of one.')
    return
  }
  env.ORC_TEST_CHROMIUM = browser.path
  say(`browser tests use ${browser.path} (from ${browser.from})`)
}

/** `--project unit` needs no browser, and on a machine without one it should not wait for a download. */
function includesBrowserTests(args) {
  const projects = args.flatMap((arg, index) => {
    if (arg === '--project') return args.slice(index + 1, index + 2)
    return arg.startsWith('--project=') ? [arg.slice('--project='.length)] : []
  })
  return projects.length === 0 || projects.some((name) => name === 'browser' || /[*!]/.test(name))
}
