// Runs every command of this repository from a bare clone, with nothing but Node and npm on the machine.
//
//   npm start [-- ARGS]      set up, then `orc up ARGS` in this process
//   npm test [-- ARGS]       set up, find a browser, run all tests (ARGS go to vitest)
//   npm run test:long        the same, with the long campaigns
//   npm run build            set up only: install, generate, bundle, dashboard
//   npm run generate         only what is generated from schemas/
//   npm run verify           everything that must hold before a commit
//   npm run bench            each file of bench/ in turn
//   ./orc ARGS               `orc ARGS`, built first when its sources changed
//
// Only the version check lives here: everything else is loaded after it, so that an old Node reads a sentence
// instead of a syntax error.

function isSupported(version) {
  const [major, minor] = version.split('.').map(Number)
  return (major === 20 && minor >= 19) || (major === 22 && minor >= 13) || major >= 24
}

if (isSupported(process.versions.node)) {
  import('./setup/commands.mjs').then(({ runCommand }) => runCommand(process.argv.slice(2)))
} else {
  console.error(
    `orc needs Node.js 20.19+, 22.13+ or 24+, and this is ${process.versions.node}: ` +
      'install a newer one from https://nodejs.org, or run this command with `npx -y node@24 scripts/bootstrap.mjs`.',
  )
  process.exitCode = 1
}
