/** What the benchmarks share: the built program, and figures as people read them. */
import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import path from 'node:path'

const PROGRAM = path.resolve(import.meta.dirname, '../cli/dist/orc.js')

/** Runs `orc ARGS` in a directory; its output, or an error with it. */
export function orc(cwd, args) {
  return run(process.execPath, [PROGRAM, ...args], { cwd })
}

export function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece) => (output += piece))
    child.on('error', reject)
    child.on('close', (code) =>
      code === 0 ? resolve(output) : reject(new Error(`${args.join(' ')} ended with ${String(code)}:\n${output}`)),
    )
  })
}

/** A controller in the background for `<dir>/manifests`. */
export async function startOrc(dir) {
  const before = performance.now()
  const output = await orc(dir, ['up', '-d', '--listen', '127.0.0.1:0'])
  const readyMs = performance.now() - before
  const { pid } = JSON.parse(await readFile(path.join(dir, '.orc/controller.json'), 'utf8'))
  return { output, readyMs, pid, rssMiB: await rssMiB(pid) }
}

export async function rssMiB(pid) {
  const status = await readFile(`/proc/${String(pid)}/status`, 'utf8')
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024)
}

/** `p50 12.3 ms, p90 …, max …` */
export function quantiles(values) {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))].toFixed(1)
  return `p50 ${at(0.5)} ms, p90 ${at(0.9)} ms, max ${at(1)} ms (n = ${String(sorted.length)})`
}

/** Medians of two commands, run in turn. */
export async function pair(a, b, rounds = 15) {
  const times = [[], []]
  for (let round = 0; round < rounds; round += 1)
    for (const [index, [command, ...args]] of [a, b].entries()) {
      const before = performance.now()
      await run(command, args)
      times[index].push(performance.now() - before)
    }
  return times.map((list) => list.toSorted((x, y) => x - y)[Math.floor(list.length / 2)])
}
