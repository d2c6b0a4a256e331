/** The Python unit tests of reddit-monitor are part of the suite: all of them ran, and all of them passed. */
import { execFile } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'vitest'
import { EXAMPLES } from './support/agent.ts'
import { pythonTest } from './support/python.ts'

const HOME = path.join(EXAMPLES, 'reddit-monitor')

pythonTest('the unit tests of reddit-monitor pass', async () => {
  const { code, output } = await runUnitTests()
  expect(code, output).toBe(0)
  const [, ran] = /^Ran (\d+) tests? in /m.exec(output) ?? []
  // Also those of a file that the discovery would not find.
  expect(Number(ran), output).toBe(countUnitTests())
  expect(output).toMatch(/^OK$/m)
})

function runUnitTests(): Promise<{ code: number | null; output: string }> {
  const args = ['-W', 'error', '-m', 'unittest', 'discover', '-s', 'tests', '-t', '.']
  return new Promise((resolve) => {
    const options = { cwd: HOME, env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' }, timeout: 50_000 }
    const child = execFile('python3', args, options, (_error, stdout, stderr) =>
      resolve({ code: child.exitCode, output: stdout + stderr }),
    )
  })
}

function countUnitTests(): number {
  const files = readdirSync(path.join(HOME, 'tests')).filter((name) => /^test_.*\.py$/.test(name))
  const texts = files.map((name) => readFileSync(path.join(HOME, 'tests', name), 'utf8'))
  return texts.join('\n').match(/^ {4}def test_/gm)?.length ?? 0
}
