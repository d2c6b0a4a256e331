import type { AgentService, Pod } from '@orc/schemas'
import { describe, expect, test } from 'vitest'
import { consequencesOf } from './consequences.ts'
import { NO_INPUTS, type Verb } from './verbs.ts'

const web = service('web', { replicas: 2 })
const api = service('api', { dependsOn: [{ name: 'web' }] })
const other = service('other', { dependsOn: [{ name: 'web', namespace: 'elsewhere' }] })
const pods = [pod('web', true), pod('web', true), pod('web', false), pod('api', true)]

describe('what will happen', () => {
  test('a stop counts the processes that live, and names who depends on them', () => {
    expect(say('Stop', [web])).toEqual([
      '2 processes get SIGTERM, up to 30 s to finish.',
      'api depends on this. What runs goes on; what starts anew waits.',
    ])
    expect(say('Stop', [web, api])).toEqual([
      '3 processes get SIGTERM, up to 30 s to finish: 2 web, 1 api.',
      'No other service depends on this.',
    ])
  })

  test('a stop in the middle of a rollout says where it stops', () => {
    const updating = { ...web, status: { replicas: 2, updatedReplicas: 1 } } as AgentService
    expect(say('Stop', [updating])).toContain('web is mid-rollout. It stops at 1 of 2 new replicas.')
  })

  test('a restart leaves what is stopped alone', () => {
    const off = service('off', { operatingMode: 'Stopped' })
    expect(say('Restart', [web, off])).toEqual([
      '2 processes are replaced, one after the other in each service.',
      'off is stopped and stays so.',
    ])
    expect(say('Start', [off, web])).toEqual(['1 replica starts when what they need is there.'])
  })

  test('a scale says how many start and how many end', () => {
    expect(say('Scale', [web, api], '1')).toEqual(['1 replica ends. Those that stay are not restarted.'])
    expect(say('Scale', [web, api], '3')).toEqual(['3 replicas start. Those that stay are not restarted.'])
    expect(say('Scale', [web], '2')).toEqual(['Nothing changes.'])
  })

  test('a label restarts nothing', () => {
    expect(say('Label', [web])).toEqual(['Nothing restarts.'])
  })
})

function say(verb: Verb, chosen: readonly AgentService[], replicas = ''): string[] {
  const around = { services: [web, api, other], pods }
  return consequencesOf(verb, { ...NO_INPUTS, replicas }, chosen, around).map(({ lead, text }) => lead + text)
}

function service(name: string, spec: Partial<AgentService['spec']>): AgentService {
  return { metadata: { name, namespace: 'default' }, spec: { command: ['x'], ...spec } } as AgentService
}

function pod(name: string, runs: boolean): Pod {
  return {
    metadata: { name: `${name}-0`, namespace: 'default', labels: { 'orc.dev/service': name } },
    status: { containerStatuses: [{ state: runs ? { running: {} } : {} }] },
  } as unknown as Pod
}
