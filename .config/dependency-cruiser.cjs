// Holds the walls of docs/architecture.md section 2: who may import whom, each with the reason that is printed.
//
// Tests may look over the walls (a harness builds the rooms, a test takes its tools from npm), but not in circles.

const anyOfOurs = '^(schemas|sdk|controller|cli|dashboard|examples)/'
const aTest = String.raw`(\.[a-z]?test\.ts$|^[a-z]+/test/)`

/** A wall inside the controller. Rooms are given as the path below controller/src, a directory with its slash. */
const wall = ({ name, comment, from, to }) => ({
  name,
  comment,
  severity: 'error',
  from: { path: `^controller/src/(${from.join('|')})`, pathNot: aTest },
  to: { path: `^controller/src/(${to.join('|')})` },
})

const betweenWorkspaces = [
  {
    name: 'schemas-import-nothing-of-ours',
    comment: 'Schemas are the language that everyone speaks: what they import, everyone would have to know.',
    severity: 'error',
    from: { path: '^schemas/' },
    to: { path: '^(sdk|controller|cli|dashboard|examples)/' },
  },
  {
    name: 'sdk-sees-only-schemas',
    comment: 'The SDK is what others build on: it works without a controller on the same machine.',
    severity: 'error',
    from: { path: '^sdk/', pathNot: aTest },
    to: { path: '^(controller|cli|dashboard|examples)/' },
  },
  {
    name: 'sdk-of-an-agent-has-no-dependencies',
    comment: 'Agents carry the SDK in their own process, beside libraries of their own in other versions.',
    severity: 'error',
    from: { path: '^sdk/src/', pathNot: [aTest, '^sdk/src/client/'] },
    to: { path: '(^|/)node_modules/' },
  },
  {
    name: 'clients-see-no-controller',
    comment: 'CLI, dashboard and examples use the API as anybody can. What they need and it lacks goes into the API.',
    severity: 'error',
    from: { path: '^(cli|dashboard|examples)/', pathNot: aTest },
    to: { path: '^controller/' },
  },
  {
    name: 'controller-sees-only-schemas',
    comment: 'The controller is not a client of itself: it works without any client, and they change without it.',
    severity: 'error',
    from: { path: '^controller/', pathNot: aTest },
    to: { path: '^(sdk|examples)/' },
  },
  {
    name: 'nobody-imports-an-application',
    comment: 'The CLI and the dashboard are where things end: what two of us need belongs in schemas or in the SDK.',
    severity: 'error',
    from: { path: anyOfOurs },
    to: { path: '^(cli|dashboard)/', pathNot: '^$1/' },
  },
]

const insideTheController = [
  {
    name: 'plan-is-pure',
    comment:
      'The plan is a pure function: it sees schemas and nothing else, so a test can show it any world at any time.',
    severity: 'error',
    from: { path: '^controller/src/plan/', pathNot: aTest },
    to: { pathNot: String.raw`^(controller/src/plan/|controller/src/runtime/runtime\.ts$|schemas/)` },
  },
  {
    name: 'plan-takes-only-types-of-the-runtime',
    comment: 'The plan speaks of runs in the words of the runtime, but there is nothing in it that it could call.',
    severity: 'error',
    from: { path: '^controller/src/plan/', pathNot: aTest },
    to: { path: '^controller/src/runtime/', dependencyTypesNot: ['type-only'] },
  },
  {
    name: 'foundations-import-nothing-of-ours',
    comment:
      'Queue, clock and log know nothing of agents: everything may stand on them because they stand on nothing but time.',
    severity: 'error',
    from: { path: String.raw`^controller/src/(queue/|clock\.ts|log\.ts)`, pathNot: aTest },
    to: { path: anyOfOurs, pathNot: String.raw`^controller/src/($1|clock\.ts)` },
  },
  wall({
    name: 'what-is-declared-knows-no-process',
    comment:
      'Manifests and objects say what is wanted. What runs is found out elsewhere, or one would be bent to the other.',
    from: ['manifests/', 'objects/'],
    to: ['runtime/', 'probe/', 'metrics/', 'reconcile/'],
  }),
  wall({
    name: 'what-runs-knows-no-manifest',
    comment:
      'Runtime, probes and metrics own processes by their run directories alone: a broken file never touches a run.',
    from: ['runtime/', 'probe/', 'metrics/'],
    to: ['manifests/', 'objects/', 'cache/', 'api/'],
  }),
  wall({
    name: 'api-is-not-imperative',
    comment:
      'The API changes stored objects. Whoever wants a process to move writes a file; what it shows comes by ports/.',
    from: ['api/', 'resources/'],
    to: ['runtime/', 'reconcile/', 'queue/', 'plan/', 'events/'],
  }),
  wall({
    name: 'ports-are-interfaces',
    comment: 'Through a port that imports a room, the API would see that room after all.',
    from: ['ports/'],
    to: ['(?!ports/)'],
  }),
  wall({
    name: 'history-knows-no-room',
    comment: 'History is told what happened and keeps it: its thread loads SQLite and little else.',
    from: ['history/'],
    to: [String.raw`(?!history/|ports/|clock\.ts$|log\.ts$)`],
  }),
  wall({
    name: 'history-comes-by-ports',
    comment: 'Rows may be lost, so nobody may ask history what to do: rooms hand rows over, by ports/history.ts.',
    from: [String.raw`(?!history/|memory\.ts$)`],
    to: ['history/'],
  }),
  wall({
    name: 'reconcile-sees-the-runtime-interface',
    comment:
      'The reconciler works with any runtime that keeps the contract of runtime/runtime.ts, the fake one included.',
    from: ['reconcile/'],
    to: [String.raw`runtime/(?!runtime\.ts$)`],
  }),
  wall({
    name: 'only-the-manager-builds-rooms',
    comment: 'manager.ts is the one place where implementations are chosen and put together.',
    from: [String.raw`(?!manager\.ts$|runtime/local/)`],
    to: ['runtime/local/'],
  }),
  wall({
    name: 'no-room-knows-the-manager',
    comment: 'A room gets what it needs when it is made. One that asks the manager for it can reach everything.',
    from: [String.raw`(?!manager\.ts$|main\.ts$)`],
    to: [String.raw`manager\.ts$`, String.raw`main\.ts$`],
  }),
]

module.exports = {
  forbidden: [
    {
      name: 'no-circles',
      comment: 'Two files that need each other are one file, or lack a third one.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'nothing-unresolved',
      comment: 'An import that leads nowhere is seen by no wall.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: String.raw`^(\$app|\$env|\$service-worker|virtual:)` },
    },
    ...betweenWorkspaces,
    ...insideTheController,
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: String.raw`(^|/)(dist|build|golden|\.svelte-kit)/|^dashboard/vite\.config\.ts$` },
    // A type that comes through a wall is a way through the wall, though the compiler erases it.
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      // As everywhere else, @orc/* leads to the sources.
      conditionNames: ['orc-src', 'import', 'svelte', 'types', 'node', 'default'],
      extensions: ['.ts', '.js', '.mjs', '.cjs', '.svelte', '.json', '.d.ts'],
      mainFields: ['module', 'main', 'types'],
    },
  },
}
