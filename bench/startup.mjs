/** What the command line costs: as a ratio to an empty Node process, measured in turn. `orc get` asks a controller. */
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { orc, pair, startOrc } from './measure.mjs'

const PROGRAM = path.resolve(import.meta.dirname, '../cli/dist/orc.js')
const SERVICE =
  'apiVersion: orc.dev/v1alpha1\nkind: AgentService\nmetadata: {name: a}\nspec: {command: [sleep, "300"]}\n'

const dir = await mkdtemp(path.join(os.tmpdir(), 'orc-bench-'))
try {
  await mkdir(path.join(dir, 'manifests'))
  await writeFile(path.join(dir, 'manifests/a.yaml'), SERVICE)
  await startOrc(dir)
  for (const args of [['--help'], ['--version'], ['get', 'agentservices'], ['get', 'agentservices', '-o', 'yaml']]) {
    const command = [process.execPath, PROGRAM, '--state-dir', path.join(dir, '.orc'), ...args]
    const [empty, ours] = await pair(
      [process.execPath, '-e', '0'],
      args[0] === 'get' ? command : command.toSpliced(2, 2),
    )
    console.log(
      `orc ${args.join(' ')}: ${ours.toFixed(0)} ms; node -e 0: ${empty.toFixed(0)} ms; ratio ${(ours / empty).toFixed(2)}`,
    )
  }
} finally {
  await orc(dir, ['down'])
  await rm(dir, { recursive: true, force: true })
}
