/** Addresses that are about the server itself: is it alive, which version is it, what is it. */
import type { ControllerInfo } from '@orc/schemas'
import { json, text } from './answer.ts'
import type { Answer, Call } from './call.ts'

/** The minor version of Kubernetes whose API this is like; clients choose their manners by it. */
const KUBERNETES = { major: '1', minor: '33', gitVersion: 'v1.33.0' } as const

export type PathOperation = (call: Call) => Answer | Promise<Answer>

export function systemRoutes(info: () => ControllerInfo): Readonly<Record<string, PathOperation>> {
  return {
    '/livez': ({ query }) => health(query, 'livez'),
    '/readyz': ({ query }) => health(query, 'readyz'),
    '/healthz': ({ query }) => health(query, 'healthz'),
    '/version': () => json(200, versionOf(info())),
    '/orc': () => json(200, info()),
  }
}

function health(query: URLSearchParams, name: string): Answer {
  return text(200, query.has('verbose') ? `[+]ping ok\n${name} check passed\n` : 'ok')
}

/** As Kubernetes' version.Info. Says nothing about the host that a stranger must not know. */
function versionOf({ version }: ControllerInfo): unknown {
  return {
    ...KUBERNETES,
    gitVersion: `${KUBERNETES.gitVersion}+orc.${version}`,
    gitCommit: '',
    gitTreeState: 'clean',
    buildDate: '1970-01-01T00:00:00Z',
    goVersion: 'none',
    compiler: 'node',
    platform: `${process.platform}/${process.arch === 'x64' ? 'amd64' : process.arch}`,
  }
}
