/** One controller per test file, started by each test and ended after it, and the questions that tests ask of it. */
import { existsSync } from 'node:fs'
import { findCondition, RESOURCES, type AgentService, type Pod } from '@orc/schemas'
import { ApiError } from '@orc/sdk/client'
import { afterEach } from 'vitest'
import { startOrc, type Orc, type OrcOptions } from './harness.ts'

let orc: Orc | undefined

afterEach(async () => {
  await orc?.stop()
  orc = undefined
})

export async function start(options: OrcOptions): Promise<Orc> {
  orc = await startOrc(options)
  return orc
}

export const manifest = (name: string, command: readonly string[], more = ''): string =>
  `apiVersion: orc.dev/v1alpha1\nkind: AgentService\nmetadata: {name: ${name}}\nspec:\n  command: ${JSON.stringify(command)}\n${more}`
export const sleeper = (name: string, more = ''): string => manifest(name, ['sleep', '300'], more)

export const get = (name: string): Promise<AgentService> =>
  current().client.get<AgentService>(RESOURCES.agentservices, name, 'default')
export const pods = async (service: string): Promise<readonly Pod[]> =>
  (
    await current().client.list<Pod>(RESOURCES.pods, {
      namespace: 'default',
      labelSelector: `orc.dev/service=${service}`,
    })
  ).items

export function current(): Orc {
  if (orc === undefined) throw new Error('no controller is running')
  return orc
}

export function condition(
  name: string,
  type: 'Ready' | 'Accepted' | 'Progressing' | 'Stalled',
  reason: string,
): Promise<AgentService> {
  return current().waitFor(`${name} to be ${type}/${reason}`, async () => {
    const service = await get(name).catch(absent)
    return findCondition(service?.status?.conditions, type)?.reason === reason ? service : undefined
  })
}

export function absent(error: unknown): undefined {
  if (error instanceof ApiError && error.code === 404) return undefined
  throw error
}

export async function pidOf(name: string, ordinal = 0): Promise<number> {
  return current().waitFor(`a pid of ${name}`, async () => {
    const pod = (await pods(name)).find(({ metadata }) => metadata.name === `${name}-${String(ordinal)}`)
    return pod?.status.orc.pid
  })
}

export const gone = (pid: number): Promise<true> =>
  current().waitFor(`process ${String(pid)} to be gone`, () => !existsSync(`/proc/${String(pid)}`) || undefined)

export const patch = (name: string, body: unknown): Promise<unknown> =>
  current().client.patch(RESOURCES.agentservices, name, 'default', body)
