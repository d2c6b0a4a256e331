// Builds the dashboard as static files that any web server, the controller in particular, can hand out as they are.
import adapter from '@sveltejs/adapter-static'
import { sveltekit } from '@sveltejs/kit/vite'
import { defineConfig } from 'vite'
import manifest from './package.json' with { type: 'json' }

export default defineConfig({
  plugins: [
    sveltekit({
      adapter: adapter({ pages: 'build', assets: 'build', fallback: 'index.html', precompress: true, strict: true }),
      // The default is the time of the build: with it no two builds, and no two hashes for the CSP, would be equal.
      version: { name: manifest.version },
    }),
  ],
  // The condition resolves @orc/* to TypeScript sources, so no build of another workspace is needed.
  resolve: { conditions: ['orc-src', 'module', 'browser', 'development|production'] },
  ssr: { resolve: { conditions: ['orc-src', 'module', 'node', 'development|production'] } },
  build: {
    target: 'es2022',
    // What knows light-dark(): with older ones in the list it would be rewritten into two variables for each colour.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    rolldownOptions: {
      // Neither says so in its package.json: without this the YAML parser comes along with the names of resources.
      treeshake: { moduleSideEffects: [{ test: /\/(schemas\/src|node_modules\/yaml)\//, sideEffects: false }] },
      checks: { pluginTimings: false },
    },
  },
  server: {
    proxy: Object.fromEntries(
      ['/api', '/apis', '/auth', '/version'].map((path) => [path, { target: 'http://127.0.0.1:7420', ws: true }]),
    ),
  },
})
