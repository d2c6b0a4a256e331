/** Finds the controller: which server, with which token. The one place where the command line looks for it. */
import { ApiError, ConnectionError, OrcClient, type ApiRequest, type Transport } from '@orc/sdk/client'
import { nodeTransport } from '@orc/sdk/client/node'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { findStateDir } from './controller-file.ts'
import { Failure } from './failure.ts'
import type { OrcContext } from './orc-context.ts'

export interface Place {
  readonly kubeconfig?: string | undefined
  readonly stateDir?: string | undefined
}

export interface Connection {
  readonly client: OrcClient
  /** `http://host:port`. */
  readonly server: string
}

type Surroundings = Pick<OrcContext, 'env' | 'cwd'>

const HOW_TO_START = 'start orc with "orc up" or "npm start"'

/** A given file first, then `ORC_KUBECONFIG`, then the state directory. Never `KUBECONFIG`: that is another cluster. */
export function locateKubeconfig({ kubeconfig, stateDir }: Place, { env, cwd }: Surroundings): string {
  const given = kubeconfig ?? (stateDir === undefined ? env['ORC_KUBECONFIG'] : undefined)
  if (given !== undefined && given !== '') return path.resolve(cwd, given)
  return path.join(findStateDir(stateDir, env, cwd), 'kubeconfig')
}

export async function connect(place: Place, surroundings: Surroundings): Promise<Connection> {
  const file = locateKubeconfig(place, surroundings)
  const { server, token } = await readKubeconfig(file)
  const transport = explaining(nodeTransport({ server, token }), { server, file })
  return { client: new OrcClient(transport), server }
}

/** Nobody is there, as opposed to a line that broke. */
function isRefused({ cause }: Error): boolean {
  const { code = '' } = (cause ?? {}) as NodeJS.ErrnoException
  return ['ECONNREFUSED', 'ENOTFOUND', 'EHOSTUNREACH', 'ETIMEDOUT', 'EADDRNOTAVAIL'].includes(code)
}

/** Says where an address or a token came from when it does not work. */
function explaining(transport: Transport, { server, file }: { server: string; file: string }): Transport {
  const explain = (error: unknown): never => {
    if (error instanceof ConnectionError && isRefused(error))
      throw new Failure(`nothing answers at ${server} (from ${file}); ${HOW_TO_START}`, { cause: error })
    if (error instanceof ApiError) refuseToken(error.code)
    throw error
  }
  const refuseToken = (status: number): void => {
    if (status === 401)
      throw new Failure(`${server} does not know the token in ${file}; is it the file of another controller?`)
  }
  return {
    async send(request: ApiRequest) {
      const response = await transport.send(request).catch(explain)
      refuseToken(response.status)
      return response
    },
    async *stream(path, signal) {
      try {
        yield* transport.stream(path, signal)
      } catch (error) {
        explain(error)
      }
    },
  }
}

interface Kubeconfig {
  readonly clusters?: readonly { readonly name: string; readonly cluster?: { readonly server?: string } }[]
  readonly users?: readonly { readonly name: string; readonly user?: { readonly token?: string } }[]
  readonly contexts?: readonly { readonly name: string; readonly context?: { cluster?: string; user?: string } }[]
  readonly 'current-context'?: string
}

export async function readKubeconfig(file: string): Promise<{ server: string; token: string }> {
  const { cluster, user } = await readContext(file)
  if (!cluster.server.startsWith('http://'))
    throw new Failure(`${file} names ${cluster.server}, but orc is reached over plain HTTP on this host (http://…)`)
  return { server: cluster.server, token: user.token }
}

/** What the current context of a kubeconfig names, with all its fields. */
export async function readContext(file: string) {
  const config = await parseKubeconfig(file, await readText(file))
  const chosen = config.contexts?.find(({ name }) => name === config['current-context'])?.context
  const { server, ...cluster } = pick(config.clusters, chosen?.cluster)?.cluster ?? {}
  const { token, ...user } = pick(config.users, chosen?.user)?.user ?? {}
  if (server === undefined || token === undefined)
    throw new Failure(`${file} names no server with a token; remove it, and ${HOW_TO_START} to have it written again`)
  return { cluster: { ...cluster, server }, user: { ...user, token } }
}

function pick<T extends { readonly name: string }>(items: readonly T[] | undefined, name: string | undefined) {
  return name === undefined ? items?.[0] : items?.find((item) => item.name === name)
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    const { code = '' } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR')
      throw new Failure(`orc has not been started here (no ${file}); ${HOW_TO_START}`, { cause })
    throw new Failure(`${file} cannot be read: ${(cause as Error).message}`, { cause })
  }
}

/** JSON first: it is how orc writes the file, and needs no parser that takes time to load. */
async function parseKubeconfig(file: string, text: string): Promise<Kubeconfig> {
  try {
    return (JSON.parse(text) ?? {}) as Kubeconfig
  } catch {
    const { parseYaml } = await import('./yaml.ts')
    try {
      return parseYaml(text) ?? {}
    } catch (cause) {
      throw new Failure(`${file} is not a kubeconfig: ${(cause as Error).message.split('\n')[0] ?? ''}`, { cause })
    }
  }
}
