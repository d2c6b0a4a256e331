// Finds a Chromium for the browser tests, or brings one, with nothing but Node and npm on the machine.
//
// The ladder, first rung that starts wins: $ORC_CHROMIUM, a browser of this machine, Playwright's own cache, the
// Chromium inside an npm package (x64 with glibc), apt-get (as root on Debian and its kin), Playwright's download.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { chromiumFromNpm } from './chromium-package.mjs'
import { tools } from './paths.mjs'
import { nodeQuietly, runQuietly } from './programs.mjs'
import { SetupError, say } from './progress.mjs'

const systemNames = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'microsoft-edge',
  'chromium-headless-shell',
]
const systemDirectories = ['/usr/local/bin', '/usr/bin', '/snap/bin']
const playwrightFiles = ['chrome-linux/headless_shell', 'chrome-headless-shell-linux64/chrome-headless-shell']

const rungs = [
  { from: 'system', find: async () => systemBrowsers() },
  { from: "Playwright's cache", find: async () => playwrightBrowsers() },
  { from: 'npm', find: async () => [await chromiumFromNpm()] },
  { from: 'apt-get', find: browserFromApt },
  { from: "Playwright's download", find: browserFromPlaywright },
]

/** Resolves with the path of a Chromium that starts and where it is from, or with undefined if none can be had. */
export async function findBrowser() {
  const given = process.env.ORC_CHROMIUM
  if (given) {
    if (starts(given)) return { path: given, from: '$ORC_CHROMIUM' }
    throw new SetupError(`ORC_CHROMIUM=${given} does not start: name a working Chromium, or unset it.`)
  }
  for (const { from, find } of rungs) {
    const found = (await candidates(from, find)).find(starts)
    if (found !== undefined) return { path: found, from }
  }
  return undefined
}

/** A rung that breaks is said and passed over: the next one may hold. */
async function candidates(from, find) {
  try {
    return (await find()).filter((file) => file !== undefined)
  } catch (error) {
    say(`no Chromium from ${from}: ${error.message}`)
    return []
  }
}

/** A browser that is there but lacks a library is no browser. */
function starts(file) {
  if (!existsSync(file)) return false
  const args = ['--headless', '--no-sandbox', '--disable-gpu', '--version']
  return spawnSync(file, args, { timeout: 20_000, stdio: 'ignore' }).status === 0
}

function systemBrowsers() {
  return systemDirectories.flatMap((directory) => systemNames.map((name) => path.join(directory, name)))
}

function playwrightBrowsers() {
  const cache = process.env.PLAYWRIGHT_BROWSERS_PATH ?? path.join(os.homedir(), '.cache', 'ms-playwright')
  if (!existsSync(cache)) return []
  const newestFirst = readdirSync(cache)
    .filter((name) => name.startsWith('chromium'))
    .sort()
    .reverse()
  return newestFirst.flatMap((name) => playwrightFiles.map((file) => path.join(cache, name, file)))
}

async function browserFromApt() {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return []
  say('installing Chromium with apt-get')
  await aptGet('update')
  await aptGet('install', '-y', '--no-install-recommends', 'chromium', 'fonts-dejavu-core')
  return ['/usr/bin/chromium']
}

async function aptGet(...args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const { status, output } = await runQuietly('apt-get', ['-qq', '-o', 'DPkg::Lock::Timeout=300', ...args], { env })
  if (status !== 0) throw new Error(`apt-get ${args[0]} failed: ${output.trim().split('\n').at(-1)}`)
}

async function browserFromPlaywright() {
  if (!existsSync(tools.playwright)) return []
  say("installing Chromium with Playwright's own download")
  const { status, output } = await nodeQuietly([tools.playwright, 'install', 'chromium-headless-shell'], {
    timeout: 300_000,
  })
  if (status !== 0) throw new Error(output.trim().split('\n').at(-1))
  return playwrightBrowsers()
}
