// Closes a test run with what a person asks next (what was slow, what was skipped) and one line that a machine reads.
//
// The last line of the output is exactly `N passed, N failed`, followed by `, N skipped` when something was. A file
// that cannot be loaded, a failing hook, an error that no test caught, a test that never ended and a process that was
// left behind each count as a failure.
import type { Reporter, TestCase, TestModule, TestSuite, Vitest } from 'vitest/node'
import { leftoversKey } from './vitest-global.ts'

const slowestShown = 10

export default class ClosingReporter implements Reporter {
  #tests: TestCase[] = []
  #errors = 0
  #isFiltered = false
  #isWatching = false
  #isRunning = false

  onInit(vitest: Vitest): void {
    this.#isFiltered = vitest.config.testNamePattern !== undefined
    this.#isWatching = vitest.config.watch
    // Only now is everything over: processes that were left behind are found after the last reporter was called.
    if (!this.#isWatching) process.once('exit', () => this.#close())
  }

  onTestRunStart(): void {
    this.#isRunning = true
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    this.#isRunning = false
    this.#tests = modules.flatMap((module) => [...module.children.allTests()])
    this.#errors = unhandledErrors.length + modules.reduce((sum, module) => sum + errorsOutsideTests(module), 0)
    // A filter by name skips everything else: that is no news.
    if (!this.#isFiltered) printSkipped(this.#tests)
    printSlowest(this.#tests)
  }

  #close(): void {
    const left = leftovers()
    if (left.length > 0) print('', 'These processes were left behind by the tests and have been killed:', ...left)
    if (this.#isRunning) print('', 'The run was interrupted: what had ended by then is not counted.')
    const failed = unsuccessful(this.#tests) + this.#errors + left.length + Number(this.#isRunning)
    if (failed > 0) process.exitCode ||= 1
    const skipped = count(this.#tests, 'skipped')
    const closing = `${count(this.#tests, 'passed')} passed, ${failed} failed`
    print('', skipped > 0 ? `${closing}, ${skipped} skipped` : closing)
  }
}

/** A test that is still pending when the run ends was interrupted: nobody knows whether it holds. */
function unsuccessful(tests: readonly TestCase[]): number {
  return count(tests, 'failed') + count(tests, 'pending')
}

function count(tests: readonly TestCase[], state: ReturnType<TestCase['result']>['state']): number {
  return tests.filter((test) => test.result().state === state).length
}

function errorsOutsideTests(module: TestModule): number {
  const parts: (TestModule | TestSuite)[] = [module, ...module.children.allSuites()]
  return parts.reduce((sum, part) => sum + part.errors().length, 0)
}

function printSkipped(tests: readonly TestCase[]): void {
  const skipped = tests.filter((test) => test.result().state === 'skipped')
  if (skipped.length === 0) return
  print('', 'Skipped:', ...skipped.map((test) => `  ${nameOf(test)}${reasonOf(test)}`))
}

function printSlowest(tests: readonly TestCase[]): void {
  const ran = tests.filter((test) => test.result().state !== 'skipped')
  const timed = ran.map((test) => ({ test, seconds: (test.diagnostic()?.duration ?? 0) / 1000 }))
  const slowest = timed.sort((a, b) => b.seconds - a.seconds).slice(0, slowestShown)
  if (slowest.length === 0) return
  print('', 'Slowest:', ...slowest.map(({ test, seconds }) => `${seconds.toFixed(2).padStart(8)} s  ${nameOf(test)}`))
}

function nameOf(test: TestCase): string {
  return `${test.module.relativeModuleId} > ${test.fullName}`
}

function reasonOf(test: TestCase): string {
  const result = test.result()
  return result.state === 'skipped' && result.note !== undefined ? `: ${result.note}` : ''
}

function leftovers(): readonly string[] {
  return (Reflect.get(globalThis, leftoversKey) as string[] | undefined) ?? []
}

function print(...lines: string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`)
}
