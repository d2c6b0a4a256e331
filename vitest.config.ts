// Says which tests there are and how each kind runs: units beside the code, integration with real processes, a browser.
import path from 'node:path'
import { defineConfig } from 'vitest/config'

// The condition resolves @orc/* to TypeScript sources, so no test needs a build of another workspace.
const resolve = { conditions: ['orc-src', 'module', 'node', 'development|production'] }
const sources = { resolve, ssr: { resolve } }

const exclude = ['**/node_modules/**', '**/dist/**', '**/build/**', '**/.svelte-kit/**']
// Its ES modules import a directory, which bundlers resolve and Node does not.
const server = { deps: { inline: ['clipanion'] } }
const slow = { testTimeout: 60_000, hookTimeout: 60_000 }

export default defineConfig({
  ...sources,
  test: {
    maxWorkers: 2,
    reporters: ['default', './scripts/vitest-reporter.ts'],
    // Here and not in the projects: it runs once, around all of them.
    globalSetup: './scripts/vitest-global.ts',
    projects: [
      {
        ...sources,
        test: {
          name: 'unit',
          // Properties are played through thousands of histories; on a busy machine that takes its time.
          testTimeout: 20_000,
          include: ['**/src/**/*.test.ts', 'scripts/**/*.test.{ts,mjs}'],
          exclude,
          server,
          sequence: { groupOrder: 0 },
        },
      },
      {
        ...sources,
        test: {
          name: 'integration',
          include: ['{controller,cli,examples}/test/**/*.itest.ts'],
          exclude,
          server,
          ...slow,
          sequence: { groupOrder: 1 },
        },
      },
      {
        ...sources,
        plugins: process.env['ORC_TEST_CHROMIUM'] ? [] : [withoutBrowser()],
        test: {
          name: 'browser',
          include: ['dashboard/test/**/*.btest.ts'],
          exclude,
          ...slow,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
})

/** Puts one skipped test in the place of each browser test file, or one that fails where a browser must be had. */
function withoutBrowser() {
  return {
    name: 'orc:without-browser',
    enforce: 'pre' as const,
    load(id: string) {
      if (!id.endsWith('.btest.ts')) return undefined
      const name = JSON.stringify(`${path.basename(id)} needs a Chromium, and there is none (ORC_TEST_CHROMIUM)`)
      const skipped = `test.skip(${name}, () => {})`
      const failing = `test(${name}, () => { throw new Error(${name}) })`
      return `import { test } from 'vitest'\n${process.env['CI'] ? failing : skipped}\n`
    },
  }
}
