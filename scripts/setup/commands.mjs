// Maps each command of this repository to what it does. A command returns the exit status, or nothing for success.
import { existsSync, readdirSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { writeCliReference } from './cli-reference.mjs'
import { inRoot } from './paths.mjs'
import { nodeVisibly } from './programs.mjs'
import { SetupError, beQuiet, reportFailure, say } from './progress.mjs'
import { setUp } from './setup.mjs'

const commands = {
  async start(args) {
    await setUp()
    await orc(['up', ...args])
  },
  async cli(args) {
    beQuiet()
    await setUp(['bundle'])
    await orc(args)
  },
  async test(args) {
    const { runTests } = await import('./tests.mjs')
    return runTests(args)
  },
  async 'test-long'(args) {
    const { runTests } = await import('./tests.mjs')
    return runTests(args, { long: true })
  },
  async verify() {
    const { verify } = await import('./verify.mjs')
    return verify()
  },
  async generate() {
    await setUp(['schemas'], { force: true })
    writeCliReference()
  },
  build: setUpAndSay,
  setup: setUpAndSay,
  bench,
}

export async function runCommand([name = 'start', ...args]) {
  try {
    if (!Object.hasOwn(commands, name)) {
      throw new SetupError(`unknown command "${name}": use one of ${Object.keys(commands).join(', ')}.`)
    }
    const status = await commands[name](args)
    // Only a failure is written: orc runs in this process and sets its own exit code.
    if (status) process.exitCode = status
  } catch (error) {
    reportFailure(error)
    process.exitCode = 1
  }
}

async function setUpAndSay() {
  await setUp()
  say('ready')
}

/** Runs orc in this process: no process more, and signals and exit code are its own. */
async function orc(args) {
  const script = inRoot('cli/dist/orc.js')
  process.argv = [process.argv[0], script, ...args]
  await import(pathToFileURL(script).href)
}

async function bench(args) {
  await setUp()
  const files = (existsSync(inRoot('bench')) ? readdirSync(inRoot('bench')) : []).filter((name) =>
    name.endsWith('.mjs'),
  )
  if (files.length === 0) say('there are no benchmarks in bench/')
  for (const file of files.sort()) {
    say(`bench/${file}`)
    const status = await nodeVisibly([inRoot('bench', file), ...args])
    if (status !== 0) return status
  }
}
