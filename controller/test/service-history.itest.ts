/** What a real controller remembers of its services: samples and failures, over its own death, and without the file. */
import { execFile } from 'node:child_process'
import { readdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import type { ServiceSamples } from '@orc/schemas'
import { afterEach, expect, test } from 'vitest'
import { startOrc, type Orc } from './harness.ts'

let orc: Orc | undefined
afterEach(async () => {
  await orc?.stop()
  orc = undefined
})

const WEB = `apiVersion: orc.dev/v1alpha1
kind: AgentService
metadata: {name: web}
spec:
  command: [node, -e, "require('http').createServer((q, r) => r.end()).listen(process.env.PORT)"]
  ports: [{name: http, port: 0}]
  readinessProbe: {httpGet: {path: /, port: http}, periodSeconds: 1}
`
const CRASH = `apiVersion: orc.dev/v1alpha1
kind: AgentService
metadata: {name: crash}
spec:
  command: [sh, -c, 'echo "no database at 10.0.0.$$"; exit 3']
  backoff: {initialSeconds: 1, maxSeconds: 1, jitterPercent: 0}
`
const CLI = path.resolve(import.meta.dirname, '../../cli/dist/orc.js')

/** The first look comes within 10 s, at a full ten of the wall clock. */
const LOOK_MS = 20_000

function samplesOf(running: Orc, isWanted: (point: ServiceSamples['points'][number]) => boolean) {
  return running.waitFor(
    'a sample',
    async () => {
      const { points } = await running.client.serviceSamples('default', 'web', { since: '1h', step: '10s' })
      return points.some(isWanted) ? points : undefined
    },
    LOOK_MS,
  )
}

test('samples and failures outlive the controller, and a lost file costs them alone', async () => {
  const running = (orc = await startOrc({ manifests: { 'web.yaml': WEB, 'crash.yaml': CRASH } }))
  const failures = await running.waitFor('three failures', async () => {
    const { items } = await running.client.serviceFailures('default', 'crash')
    return (items[0]?.count ?? 0) >= 3 ? items : undefined
  })
  expect(failures).toHaveLength(1)
  expect(failures[0]).toMatchObject({
    ...{ exitCode: 3, reason: 'Exited', line: expect.stringMatching(/^no database at 10\.0\.0\.\d+$/) as string },
  })
  const { items: runs } = await running.client.serviceRuns('default', 'crash', { limit: 2 })
  expect(runs.map(({ fingerprint, exitCode }) => [fingerprint, exitCode])).toEqual([
    [failures[0]?.fingerprint, 3],
    [failures[0]?.fingerprint, 3],
  ])
  const { stdout } = await promisify(execFile)(process.execPath, [CLI, 'describe', 'as', 'crash'], { cwd: running.dir })
  expect(stdout).toMatch(/Failures \(7d\)\n +COUNT +LAST SEEN .*\n +\d+x +\d+s +Exited +3 +no database at 10/)

  const points = await samplesOf(running, ({ uptimeShare, cpuCores }) => uptimeShare === 1 && cpuCores !== undefined)
  const point = points.findLast(({ cpuCores }) => cpuCores !== undefined)
  expect(point).toMatchObject({ wantedReplicas: 1, readyReplicas: 1, restarts: 0, processes: 1 })
  expect(point?.memoryBytes).toBeGreaterThan(10 * 2 ** 20)
  expect(points.some(({ probeLatencyMs = 0 }) => probeLatencyMs > 0 && probeLatencyMs < 1000)).toBe(true)
  const { items: overviews } = await running.client.serviceOverviews()
  expect(overviews.map(({ metadata }) => metadata.name)).toEqual(['crash', 'web'])
  expect(overviews[0]?.uptimeShare).toBeLessThan(1)

  await running.kill()
  await running.restart()
  const { points: after } = await running.client.serviceSamples('default', 'web', { since: '1h', step: '10s' })
  expect(after.slice(0, points.length - 1)).toEqual(points.slice(0, -1))
  for (const name of readdirSync(running.stateDir).filter((each) => each.startsWith('history.db')))
    rmSync(path.join(running.stateDir, name))
  const anew = await samplesOf(running, () => true)
  expect(anew.length).toBeLessThanOrEqual(2)
}, 90_000)
