// Says where things are in this checkout, whatever the working directory of the caller.
import path from 'node:path'

export const root = path.resolve(import.meta.dirname, '../..')

export const inRoot = (...parts) => path.join(root, ...parts)

/** What setup remembers between runs: stamps and its lock. Removing it costs a rebuild, never more. */
export const setupCache = inRoot('.cache', 'setup')

/** Tools are run by the path of their script: names in node_modules/.bin differ by platform and by duplicates. */
export const tools = {
  dependencyCruiser: inRoot('node_modules/dependency-cruiser/bin/dependency-cruise.mjs'),
  eslint: inRoot('node_modules/eslint/bin/eslint.js'),
  knip: inRoot('node_modules/knip/bin/knip.js'),
  playwright: inRoot('node_modules/playwright-core/cli.js'),
  prettier: inRoot('node_modules/prettier/bin/prettier.cjs'),
  svelteCheck: inRoot('node_modules/svelte-check/bin/svelte-check'),
  tsc: inRoot('node_modules/typescript/lib/tsc.js'),
  vite: inRoot('node_modules/vite/bin/vite.js'),
  vitest: inRoot('node_modules/vitest/vitest.mjs'),
}
