import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { orc } from '../../test/run-orc.ts'

const golden = (name: string): string => path.join(import.meta.dirname, '../../test/golden', name)

describe('explain', () => {
  test.each([
    ['kind', ['agentservice']],
    ['probe', ['as.spec.livenessProbe']],
    ['enum', ['agentservice.spec.restartPolicy']],
    ['list', ['agentservices.spec.env']],
    ['recursive', ['configmap', '--recursive']],
  ])('shows a %s as the golden file has it', async (name, argv) => {
    const { code, stdout, stderr } = await orc(['explain', ...argv])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    await expect(stdout).toMatchFileSnapshot(golden(`explain-${name}.txt`))
  })

  test('says which fields have no effect yet', async () => {
    expect((await orc(['explain', 'as.spec.livenessProbe.notify'])).stdout).toContain('has no effect yet: ')
  })

  test('knows the fields below lists', async () => {
    expect((await orc(['explain', 'as.spec.env.valueFrom.secretKeyRef.key'])).stdout).toContain('FIELD: key\t<string>')
  })

  test('fits an ordinary terminal', async () => {
    const { stdout } = await orc(['explain', 'as.spec'])
    for (const line of stdout.split('\n')) expect(line.length, line).toBeLessThanOrEqual(90)
  })

  test.each([
    ['as.spec.livenesProbe', 'field "livenesProbe" does not exist in spec; did you mean "livenessProbe"?'],
    ['as.sepc', 'field "sepc" does not exist; did you mean "spec"?'],
    ['pods', 'pods are made by orc and declared by nobody, so they have no schema; declared are AgentService, '],
    ['gadget', 'unknown kind "gadget"'],
  ])('%s is a mistake that it explains', async (word, sentence) => {
    const { code, stderr } = await orc(['explain', word])
    expect(code).toBe(1)
    expect(stderr).toContain(`error: ${sentence}`)
  })
})
