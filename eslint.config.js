// Holds what neither the compiler nor prettier sees: forgotten promises, size and complexity, and a plan that is pure.
import svelte from 'eslint-plugin-svelte'
import { defineConfig } from 'eslint/config'
import tseslint from 'typescript-eslint'

const typed = [
  '{schemas,sdk,controller,cli}/{src,test}/**/*.ts',
  'dashboard/{src,test}/**/*.ts',
  'dashboard/src/**/*.svelte',
]
const tests = ['**/*.test.{ts,mjs}', '**/*.itest.ts', '**/*.btest.ts', '**/test/**', '**/*.prop.*.ts']

/** `eslint:recommended` lives in a package of its own; these are the ones that find mistakes in this code. */
const mistakes = {
  eqeqeq: ['error', 'always'],
  'no-constant-condition': ['error', { checkLoops: false }],
  'no-dupe-keys': 'error',
  'no-fallthrough': 'error',
  'no-return-assign': 'error',
  'no-self-compare': 'error',
  'no-template-curly-in-string': 'error',
  'no-unreachable': 'error',
  'no-unsafe-finally': 'error',
  'no-useless-assignment': 'error',
  'no-var': 'error',
  'prefer-const': 'error',
}

const sizes = {
  // Optional chaining and defaults count as branches: ten real ones are more than this number suggests.
  complexity: ['error', 15],
  'max-depth': ['error', 3],
  'max-params': ['error', 5],
  'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
}

const unusedVariables = [
  'error',
  { args: 'after-used', argsIgnorePattern: '^_', caughtErrors: 'none', ignoreRestSiblings: true },
]

const types = {
  '@typescript-eslint/no-floating-promises': 'error',
  '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
  '@typescript-eslint/consistent-type-imports': 'error',
  '@typescript-eslint/no-unused-vars': unusedVariables,
  '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { attributes: false } }],
  // Numbers in messages are fine; objects are not.
  '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
  // Interfaces ask for promises of implementations that have nothing to wait for.
  '@typescript-eslint/require-await': 'off',
  // The compiler's own noUncheckedIndexedAccess makes an index that is known to hold a `!`.
  '@typescript-eslint/no-non-null-assertion': 'off',
  // It believes declared types even of what came from disk or the network.
  '@typescript-eslint/no-unnecessary-condition': 'off',
  // Matters of taste.
  '@typescript-eslint/no-confusing-void-expression': 'off',
  '@typescript-eslint/no-extraneous-class': 'off',
  '@typescript-eslint/no-meaningless-void-operator': 'off',
  '@typescript-eslint/no-unnecessary-type-parameters': 'off',
  '@typescript-eslint/no-dynamic-delete': 'off',
}

/** For files whose neighbours the type checker of the linter cannot see, or that read foreign JSON all the time. */
const untyped = Object.fromEntries(
  ['argument', 'assignment', 'call', 'member-access', 'return'].map((what) => [
    `@typescript-eslint/no-unsafe-${what}`,
    'off',
  ]),
)

const impure = 'The plan is a pure function of (accepted, observed, nowMs): take it as an argument.'

export default defineConfig(
  {
    ignores: ['**/node_modules/', '**/dist/', '**/build/', '**/generated/', '**/.svelte-kit/', '**/golden/', '.cache/'],
  },
  { linterOptions: { reportUnusedDisableDirectives: 'error' }, rules: { ...mistakes, ...sizes } },
  {
    files: ['**/*.{js,mjs,cjs}'],
    rules: { 'no-unused-vars': unusedVariables },
  },
  {
    files: ['**/*.ts'],
    languageOptions: { parser: tseslint.parser },
  },
  {
    files: typed,
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname, extraFileExtensions: ['.svelte'] },
    },
    rules: types,
  },
  svelte.configs.recommended,
  { files: ['**/*.svelte', ...tests], rules: untyped },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: tseslint.parser } },
    rules: {
      // The dashboard is served from the root of its own server, never below a path.
      'svelte/no-navigation-without-resolve': 'off',
    },
  },
  {
    files: ['controller/src/plan/**/*.ts'],
    ignores: tests,
    rules: {
      'no-restricted-globals': [
        'error',
        ...['performance', 'process', 'setTimeout', 'fetch'].map((name) => ({ name, message: impure })),
      ],
      // Date.parse is arithmetic; every other use of Date asks what time it is.
      'no-restricted-syntax': [
        'error',
        {
          selector:
            "NewExpression[callee.name='Date'], CallExpression[callee.name='Date'], MemberExpression[object.name='Date'][property.name!='parse']",
          message: impure,
        },
      ],
      'no-restricted-properties': ['error', { object: 'Math', property: 'random', message: impure }],
      'no-restricted-imports': ['error', { patterns: [{ group: ['node:*'], message: impure }] }],
    },
  },
  {
    files: tests,
    rules: {
      // A harness is taken apart: its functions need no `this`.
      '@typescript-eslint/unbound-method': 'off',
      // A table of cases or a generator of worlds is long and branches by nature.
      complexity: 'off',
      'max-params': 'off',
      'max-lines': ['error', { max: 500, skipBlankLines: true, skipComments: true }],
    },
  },
)
