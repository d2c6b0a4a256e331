// Builds what runs from what is written, each target only when the content of its sources changed.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fingerprint } from './fingerprint.mjs'
import { inRoot, setupCache, tools } from './paths.mjs'
import { nodeQuietly } from './programs.mjs'
import { SetupError, say, seconds } from './progress.mjs'

const common = ['package-lock.json', 'tsconfig.base.json']

/** `needs` are built before; `outputs` must exist for the target to count as built. */
const targets = {
  schemas: {
    needs: [],
    sources: ['schemas', ...common],
    outputs: ['schemas/src/generated/index.ts'],
    build: () => nodeQuietly(['schemas/generate.mjs']),
  },
  bundle: {
    needs: ['schemas'],
    sources: ['schemas', 'sdk', 'controller', 'cli', 'scripts/bundle.mjs', ...common],
    outputs: ['cli/dist/orc.js', 'cli/dist/orcd.js'],
    build: () => nodeQuietly(['scripts/bundle.mjs']),
  },
  dashboard: {
    needs: ['schemas'],
    sources: ['schemas', 'sdk', 'dashboard', ...common],
    // The second one is what dashboard/tsconfig.json extends: vitest and svelte-check fail without it.
    outputs: ['dashboard/build/index.html', 'dashboard/.svelte-kit/tsconfig.json'],
    build: () => nodeQuietly([tools.vite, 'build', '--logLevel', 'warn'], inDashboard()),
  },
}

export const allTargets = Object.keys(targets)

export function areBuilt(names) {
  return names.every((name) => isBuilt(name, fingerprint(targets[name].sources)))
}

/** Builds the targets and what they need, side by side where they do not need each other. */
export async function build(names, { force = false } = {}) {
  const running = new Map()
  const buildOnce = (name) => {
    if (!running.has(name)) running.set(name, buildAfterNeeds(name))
    return running.get(name)
  }
  const buildAfterNeeds = async (name) => {
    await Promise.all(targets[name].needs.map(buildOnce))
    // Taken before the build: what is edited meanwhile makes the next build.
    const stamp = fingerprint(targets[name].sources)
    if (force || !isBuilt(name, stamp)) await buildOne(name, stamp)
  }
  // All are awaited even if one fails: no tool may still be writing when the lock is given back.
  const results = await Promise.allSettled(names.map(buildOnce))
  const failed = results.find(({ status }) => status === 'rejected')
  if (failed) throw failed.reason
}

async function buildOne(name, stamp) {
  const since = performance.now()
  const { status, output } = await targets[name].build()
  if (status !== 0) {
    throw new SetupError(`building "${name}" failed: correct what is said above and run the command again.`, output)
  }
  mkdirSync(setupCache, { recursive: true })
  writeFileSync(stampFile(name), stamp)
  say(`built ${name} in ${seconds(since)}`)
}

function isBuilt(name, stamp) {
  return targets[name].outputs.every((file) => existsSync(inRoot(file))) && readStamp(name) === stamp
}

function readStamp(name) {
  const file = stampFile(name)
  return existsSync(file) ? readFileSync(file, 'utf8') : ''
}

const stampFile = (name) => path.join(setupCache, `${name}.stamp`)

function inDashboard() {
  return { cwd: inRoot('dashboard'), env: { ...process.env, NODE_ENV: 'production' } }
}
