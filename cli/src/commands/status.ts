/** `orc status`: whether the controller runs, where, and how its services stand in one line. */
import { Command, Option } from 'clipanion'
import {
  findCondition,
  formatBytes,
  parseQuantity,
  RESOURCES,
  type AgentService,
  type ControllerInfo,
} from '@orc/schemas'
import { OrcClient } from '@orc/sdk/client'
import { nodeTransport } from '@orc/sdk/client/node'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { findStateDir, runningController } from '../controller-file.ts'

export class StatusCommand extends Command {
  static override paths = [['status']]
  static override usage = Command.Usage({
    category: 'Controller',
    description: 'show whether the controller runs',
    details: 'Exit code 0 = it runs, 1 = it does not.',
    examples: [['Look', 'orc status']],
  })

  stateDir = Option.String('--state-dir', {
    description: 'state directory (ORC_STATE_DIR, default ./.orc here or above)',
  })

  override async execute(): Promise<number> {
    const { stdout, env } = this.context
    const stateDir = findStateDir(this.stateDir, env)
    const controller = runningController(stateDir)
    if (controller === undefined) {
      stdout.write(`orc is not running (state directory ${stateDir}). Start it with: orc up\n`)
      return 1
    }
    const token = readFileSync(path.join(stateDir, 'token'), 'utf8').trim()
    const client = new OrcClient(nodeTransport({ server: controller.server, token }))
    const info = await client.raw<ControllerInfo>({ method: 'GET', path: '/orc' })
    const { items } = await client.list<AgentService>(RESOURCES.agentservices)
    const ready = items.filter(({ status }) => findCondition(status?.conditions, 'Ready')?.status === 'True').length
    const stopped = items.filter(({ spec }) => spec.operatingMode === 'Stopped').length
    const rows: (readonly [string, string])[] = [
      ['orc', `${info.version}, pid ${String(info.pid)}, since ${info.startedAt}, ${info.mode.toLowerCase()}`],
      ['server', info.server],
      ['manifests', info.manifestsDir],
      ['state', info.stateDir],
      [
        'services',
        `${String(ready)} of ${String(items.length - stopped)} ready, ${String(stopped)} stopped on purpose`,
      ],
      ...capacityRow(info),
    ]
    for (const [name, value] of rows) stdout.write(`${name.padEnd(10)} ${value}\n`)
    return 0
  }
}

/** What replicas have reserved of the host. */
function capacityRow({ capacity }: ControllerInfo): (readonly [string, string])[] {
  if (capacity === undefined) return []
  const { allocatable, reserved, kept, waiting } = capacity
  const of = (part: typeof kept): [cpu: string, memory: string] => [
    cores(parseQuantity(part.cpu) ?? 0),
    formatBytes(parseQuantity(part.memory) ?? 0),
  ]
  const [[cpu, memory], [allCpu, allMemory], [keptCpu, keptMemory]] = [of(reserved), of(allocatable), of(kept)]
  const waits = waiting === 0 ? '' : `; ${String(waiting)} replicas wait for room`
  return [
    [
      'reserved',
      `${cpu} of ${allCpu} CPU, ${memory} of ${allMemory} memory (orc keeps ${keptCpu} and ${keptMemory})${waits}`,
    ],
  ]
}

function cores(value: number): string {
  return String(Math.round(value * 1000) / 1000)
}
