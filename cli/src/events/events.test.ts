import { expect, test } from 'vitest'
import { event, NOW_MS, pod, service } from '../../test/fixtures.ts'
import { colorsOf } from '../printers/colors.ts'
import { eventsAbout, inTime, typeSelector } from './choose.ts'
import { eventSection } from './section.ts'

const options = { nowMs: NOW_MS, raw: false, colors: colorsOf({ stdout: process.stdout, env: { NO_COLOR: '1' } }) }
const all = [
  event('AgentService/web', { secondsAgo: 30 }),
  event('Pod/web-0', {
    secondsAgo: 90,
    type: 'Warning',
    reason: 'BackOff',
    message: 'It \u001b[31mwaits\u001b[0m.',
    count: 4,
  }),
  event('Pod/web-2-0', { secondsAgo: 10 }),
  event('AgentService/web-2', { secondsAgo: 20 }),
]

test('a name alone is that of a service with its replicas', () => {
  const about = (word: string): string[] =>
    all.filter(eventsAbout(word)).map(({ involvedObject }) => involvedObject.name)
  expect(about('web')).toEqual(['web', 'web-0'])
  expect(about('web-2')).toEqual(['web-2-0', 'web-2'])
  expect(about('pod/web-0')).toEqual(['web-0'])
  expect(about('as/web')).toEqual(['web'])
})

test('types become a field selector', () => {
  expect(typeSelector('warning')).toBe('type=Warning')
  expect(typeSelector('Normal,Warning')).toBeUndefined()
  expect(typeSelector(undefined)).toBeUndefined()
})

test('the latest come last', () => {
  expect(inTime(all).map(({ metadata }) => metadata.name)).toEqual(['web-0.1', 'web.1', 'web-2.1', 'web-2-0.1'])
})

test('a description ends with the last events of a service and its replicas', () => {
  expect(eventSection(service('web'), all, options)).toBe(
    `
Events
  LAST SEEN           TYPE      REASON    OBJECT             MESSAGE
  90s (x4 over 10m)   Warning   BackOff   pod/web-0          It waits.
  30s                 Normal    Started   agentservice/web   The process runs.
`.replace('LAST SEEN         TYPE', 'LAST SEEN           TYPE'),
  )
})

test('of any other object they are its own', () => {
  const { metadata, ...rest } = pod('web', 0)
  const own = { ...rest, metadata: { ...metadata, uid: 'uid-Pod/web-0' } }
  expect(eventSection(own, all, options).trimEnd().split('\n')).toHaveLength(4)
  expect(eventSection(pod('web', 1), all, options)).toBe('')
})
