import { RESTARTED_AT, restartSentence, type AgentService } from '@orc/schemas'
import { expect, test } from 'vitest'
import { SECRET, service } from '../../test/fixtures.ts'
import { colorsOf } from '../printers/colors.ts'
import { compared } from './comparable.ts'
import { unifiedDiff } from './unified.ts'

const plainColors = colorsOf({ stdout: process.stdout, env: { NO_COLOR: '1' } })
const live = service('web')

function web(spec: Partial<AgentService['spec']>, annotations?: Record<string, string>): AgentService {
  const metadata = annotations === undefined ? live.metadata : { ...live.metadata, annotations }
  return { ...live, metadata, spec: { ...live.spec, ...spec } }
}

test.each([
  [live, web({ terminationGracePeriodSeconds: 5 }), 'restarts nothing'],
  [
    live,
    web({ command: ['x'], env: [{ name: 'A', value: 'b' }] }),
    'restarts 1 replica, because of spec.command, spec.env',
  ],
  [live, web({}, { [RESTARTED_AT]: 'x' }), `restarts 1 replica, because of the annotation ${RESTARTED_AT}`],
  [live, web({ replicas: 3 }), 'restarts nothing, and starts 2 more'],
  [web({ replicas: 3 }), web({ args: ['x'] }), 'restarts 1 replica, because of spec.args, and stops 2'],
  [live, web({ operatingMode: 'Stopped' }), 'stops all 1 replica'],
  [web({ replicas: 0 }), web({ replicas: 0, command: ['x'] }), 'does not run, so nothing restarts'],
  [web({ operatingMode: 'Stopped' }), web({ replicas: 2 }), 'starts 2 replicas'],
  [undefined, live, 'is new, and starts 1 replica'],
  [undefined, web({ replicas: 0 }), 'is new, and does not run'],
])('what a change does to processes (%#)', (before, after, sentence) => {
  expect(restartSentence(before, after)).toBe(sentence)
})

test('a diff is unified, with the names that kubectl gives', () => {
  const text = compared(live, web({ command: ['node', 'main.js'] }))
  expect(unifiedDiff(text, plainColors)).toBe(`--- LIVE/orc.dev.v1alpha1.AgentService.default.web
+++ MERGED/orc.dev.v1alpha1.AgentService.default.web
@@ -5,8 +5,8 @@
   namespace: default
 spec:
   command:
-    - python3
-    - main.py
+    - node
+    - main.js
   replicas: 1
   restartPolicy: Always
   operatingMode: Running
`)
  expect(unifiedDiff(compared(live, live), plainColors)).toBe('')
})

test('the order of keys is no difference', () => {
  const { command, ...rest } = live.spec
  const turned: AgentService = { ...live, spec: { ...rest, command } }
  const { live: before, merged: after } = compared(live, turned)
  expect(after).toBe(before)
})

test('of a new object every line is added', () => {
  const lines = unifiedDiff(compared(undefined, live), plainColors).trimEnd().split('\n').slice(3)
  expect(lines).toContain('+kind: AgentService')
  expect(lines.every((line) => line.startsWith('+'))).toBe(true)
})

test('of a Secret it is seen that a value differs, and never the value', () => {
  const changed = { ...SECRET, data: { token: 'b3RoZXI=', extra: 'eA==' } }
  const { live: before, merged: after } = compared(SECRET, changed)
  expect(before).toContain('token: "*** (before)"')
  expect(after).toMatch(/token: "\*\*\* \(after\)"\n +extra: "\*\*\*"/)
  expect(before + after + compared(undefined, SECRET).merged).not.toMatch(/aHVudGVyMg|b3RoZXI|eA==/)
})
