// Runs other programs, either out of sight with their output kept or in full view, and never leaves one behind.
import { spawn } from 'node:child_process'
import os from 'node:os'
import { root } from './paths.mjs'

const passedOn = ['SIGINT', 'SIGTERM', 'SIGHUP']

/** Runs a program out of sight. Resolves with its exit status and all that it printed; rejects if it cannot start. */
export async function runQuietly(command, args, options = {}) {
  const child = spawn(command, args, { cwd: root, ...options, stdio: ['ignore', 'pipe', 'pipe'] })
  const chunks = []
  const stdout = []
  child.stdout.on('data', (chunk) => stdout.push(chunk) && chunks.push(chunk))
  child.stderr.on('data', (chunk) => chunks.push(chunk))
  const status = await exitStatus(child)
  return { status, output: Buffer.concat(chunks).toString(), stdout: Buffer.concat(stdout).toString() }
}

/** Runs a program on our terminal and resolves with its exit status. Signals meant for us reach it, and we wait. */
export function runVisibly(command, args, options = {}) {
  return exitStatus(spawn(command, args, { cwd: root, ...options, stdio: 'inherit' }))
}

export const nodeQuietly = (args, options) => runQuietly(process.execPath, args, options)
export const nodeVisibly = (args, options) => runVisibly(process.execPath, args, options)

async function exitStatus(child) {
  const passOn = (signal) => child.kill(signal)
  for (const signal of passedOn) process.on(signal, passOn)
  try {
    return await new Promise((resolve, reject) => {
      child.once('error', reject)
      child.once('close', (code, signal) => resolve(code ?? 128 + os.constants.signals[signal]))
    })
  } finally {
    for (const signal of passedOn) process.off(signal, passOn)
  }
}
