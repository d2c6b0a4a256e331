/** What the command line costs: as a ratio to an empty Node process, measured in turn. */
import path from 'node:path'
import { pair } from './measure.mjs'

const PROGRAM = path.resolve(import.meta.dirname, '../cli/dist/orc.js')
for (const args of [['--help'], ['--version']]) {
  const [empty, ours] = await pair([process.execPath, '-e', '0'], [process.execPath, PROGRAM, ...args])
  console.log(
    `orc ${args.join(' ')}: ${ours.toFixed(0)} ms; node -e 0: ${empty.toFixed(0)} ms; ratio ${(ours / empty).toFixed(2)}`,
  )
}
