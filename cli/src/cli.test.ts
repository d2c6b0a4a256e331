import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { orc } from '../test/run-orc.ts'
import { COMMANDS } from './commands.ts'
import { VERSION } from './version.ts'

const golden = (name: string): string => path.join(import.meta.dirname, '../test/golden', name)

describe('help', () => {
  test('of everything is the same however it is asked for', async () => {
    const asked = await Promise.all([orc([]), orc(['--help']), orc(['-h']), orc(['help'])])
    for (const { code, stdout, stderr } of asked) {
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      await expect(stdout).toMatchFileSnapshot(golden('help.txt'))
    }
  })

  test.each(COMMANDS.map(({ name }) => name))('of %s is as the golden file has it', async (name) => {
    const { code, stdout } = await orc([name, '--help'])
    expect(code).toBe(0)
    await expect(stdout).toMatchFileSnapshot(golden(`help-${name}.txt`))
    expect((await orc(['help', name])).stdout).toBe(stdout)
  })

  test('fits an ordinary terminal', async () => {
    for (const { name } of COMMANDS)
      for (const line of (await orc([name, '--help'])).stdout.split('\n'))
        expect(line.length, line).toBeLessThanOrEqual(110)
  })
})

test('the version is that of the package', async () => {
  const { version } = JSON.parse(readFileSync(path.join(import.meta.dirname, '../package.json'), 'utf8')) as {
    version: string
  }
  expect(VERSION).toBe(version)
  expect(await orc(['--version'])).toEqual({ code: 0, stdout: `orc ${version}\n`, stderr: '' })
})

describe('a mistake in the arguments', () => {
  test.each([
    [['gte'], 2, 'unknown command "gte"; did you mean "get"?'],
    [['frobnicate'], 2, 'unknown command "frobnicate"'],
    [['get', '--foo'], 1, 'unsupported option name ("--foo")'],
    [
      ['get', '-o', 'xml'],
      1,
      '--output must be one of table, wide, yaml, json, name, jsonpath=TEMPLATE, custom-columns=NAME:PATH,...; got "xml"',
    ],
    [['get', 'pods,as', '-w'], 1, '--watch is for one kind at a time'],
    [['get', 'as', 'web', '-A'], 1, 'names are unique within a namespace only: give -n NAMESPACE instead of -A'],
    [['get', 'as', '-oxml'], 1, '--output must be one of '],
    [['get', 'as', '-o', 'jsonpath={.a'], 1, 'the JSONPath "{.a" cannot be read: "}" is missing, at the end'],
    [['get', 'as', '-o', 'custom-columns=A'], 1, 'custom-columns takes NAME:PATH,..., such as NAME:.metadata.name'],
    [['get', 'as', 'web', '--field-selector', 'metadata.name=x'], 1, 'give either names or a selector, not both'],
    [['describe'], 1, 'name what to describe, for example: orc describe agentservice web'],
    [['apply'], 1, 'name what to apply: -f FILE, -f DIRECTORY or -f -'],
    [['apply', '-f', 'x', '--prune'], 1, '--prune needs -l SELECTOR, or --all for whatever was applied'],
    [['apply', '-f', 'x', '-l', 'a=b'], 1, '-l and --all go with --prune'],
    [['apply', '-f', 'x', '--dry-run', 'maybe'], 1, '--dry-run must be one of client, server, none; got "maybe"'],
    [['delete'], 1, 'name what to delete, for example: orc delete agentservice web'],
    [['delete', 'agentservices'], 1, 'name the agentservices to delete: orc delete agentservice NAME...'],
    [['delete', 'agentservcie', 'x'], 1, 'unknown kind "agentservcie"; did you mean "agentservice"?'],
    [['delete', 'as', 'x', '-f', 'y'], 1, 'give either names or -f FILE, not both'],
    [['wait', 'web'], 1, '--for is missing: condition=TYPE[=STATUS], jsonpath={PATH}[=VALUE], create or delete'],
    [['wait', 'web', '--for', 'ready'], 1, 'unrecognized condition: "ready"; --for takes condition=TYPE[=STATUS]'],
    [['wait', 'as', '--for', 'delete'], 1, 'name the agentservices, or select them with -l or --all'],
    [['wait', 'as', 'x', '--all', '--for', 'delete'], 1, 'give either names or a selector, not both'],
    [['label', 'as', 'web'], 1, 'at least one label update is required'],
    [['label', 'as', 'a=b'], 1, 'name the agentservices, or select them with -l or --all'],
    [['annotate', 'a=b'], 1, 'name the objects before the annotation changes: KIND NAME, or KIND --all'],
    [['annotate', 'as', 'a=b', 'web'], 1, 'all objects must be named before the annotation changes: "web"'],
    [['patch', 'as', '-p', '{}'], 1, 'name the agentservices to patch: orc patch agentservice NAME'],
    [['patch', 'web'], 1, '-p PATCH or --patch-file FILE is missing'],
    [['patch', 'web', '-p', '{}', '--type', 'json'], 1, '--type must be merge, the only one that orc serves'],
    [['patch', 'mf', 'a/b.yaml', '-p', '{}'], 1, 'a manifest is a file: patch it where it lies, or an object of it'],
    [
      ['edit', 'manifest/a/b.yaml'],
      1,
      'a manifest is a file: edit it where it lies, or an object of it: orc edit KIND',
    ],
    [['wait', 'mf', 'a/b.yaml', '--for', 'delete'], 1, 'wait for a/b.yaml by its name instead of its path'],
    [['edit', 'pods'], 1, 'name the pods to edit: orc edit pod NAME'],
    [['diff'], 2, 'name what to compare: -f FILE, -f DIRECTORY or -f -'],
    [['completion'], 1, 'an argument is missing'],
    [['completion', 'tcsh'], 1, 'the shell must be one of bash, zsh, fish; got "tcsh"'],
    [['kubeconfig', '--kubeconfig-file', 'x'], 2, '--kubeconfig-file goes with --merge'],
    [['events', '--types', 'Bad'], 1, '--types takes Normal, Warning; got "Bad"'],
    [['events', 'gadget/x'], 1, 'unknown kind "gadget"'],
    [['logs'], 1, 'name a service or a pod, or select pods with -l SELECTOR'],
    [['logs', 'web', '-l', 'a=b'], 1, 'give either NAME or -l SELECTOR, not both'],
    [
      ['logs', 'web', '--since', '5m', '--since-time', '2026-03-01T12:00:00Z'],
      1,
      'give --since or --since-time, not both',
    ],
    [
      ['logs', 'web', '--since-time', 'noon'],
      1,
      '--since-time must be a time such as 2026-03-01T12:00:00Z; got "noon"',
    ],
    [['logs', 'web', '--tail', 'x'], 1, '--tail must be a whole number, 0 or more; got "x"'],
    [
      ['logs', 'web', '--level', 'loud'],
      1,
      '--level must be one of trace, debug, info, warn, error, fatal; got "loud"',
    ],
    [['logs', 'web', '-f', '--until', '5m'], 1, 'give --follow or --until, not both'],
    [['logs', 'web', '--until', '2026-13'], 1, '--until must be a time such as 2026-03-01T12:00:00Z; got "2026-13"'],
    [['logs', 'cm/x'], 1, 'cm/x has no log; agentservices and pods have'],
    [['scale', 'web'], 1, '--replicas N is missing'],
    [['scale', 'web', '--replicas', '-1'], 1, 'not enough arguments to option --replicas'],
    [['scale', 'web', '--replicas=-1'], 1, '--replicas must be a whole number, 0 or more; got "-1"'],
    [['restart'], 2, 'name the services, or select them with --all or -l SELECTOR'],
    [['stop', 'web', '--all'], 2, 'give either names or --all or -l, not both'],
    [['start', 'web', '-A'], 2, 'names are unique within a namespace only: give -n NAMESPACE instead of -A'],
    [['rollout', 'status'], 1, 'an argument is missing'],
    [['rollout', 'abort', 'x'], 1, 'the first argument must be one of status, history, undo, pause, resume, restart'],
    [['rollout', 'undo', 'x', '--revision', '2'], 1, '--revision goes with "orc rollout history"'],
    [['rollout', 'undo', 'x', 'y'], 1, '"orc rollout undo" is for one service at a time'],
    [['rollout', 'status', 'x', '--timeout', '5'], 1, '--timeout must be a length of time'],
    [['stop', 'web', '--for', '5'], 2, '--for must be a length of time such as 90s, 5m, 1h30m or 2d; got "5"'],
    [['start', 'pod/web-0'], 2, 'pod/web-0 is not a service; this is for services only'],
    [['run', 'web'], 2, 'an argument is missing'],
    [['init', '--template', 'ruby'], 2, '--template must be one of node, python; got "ruby"'],
    [['init', '--name', 'Bad Name'], 2, '--name must be lower-case letters, digits and "-"'],
    [['dashboard', 'x'], 2, 'extraneous positional argument ("x")'],
  ])('%j ends with %d and one sentence', async (argv, code, sentence) => {
    const ran = await orc(argv)
    expect(ran.stderr).toContain(`error: ${sentence}`)
    expect(ran.stderr.trimEnd().split('\n')).toHaveLength(2)
    expect({ code: ran.code, stdout: ran.stdout }).toEqual({ code, stdout: '' })
  })
})

test('without a controller every command says where it looked and how to start one', async () => {
  for (const argv of [['get'], ['describe', 'as', 'x'], ['logs', 'x'], ['restart', 'x'], ['run', 'x', '--', 'y']]) {
    const { code, stderr } = await orc(argv)
    expect(stderr).toBe(
      'error: orc has not been started here (no /nowhere/.orc/kubeconfig); start orc with "orc up" or "npm start"\n',
    )
    expect(code).toBe(1)
  }
})

test('options of every command may stand before its name', async () => {
  const { stderr } = await orc(['--state-dir=/a', '-n', 'team', 'get', 'pods'])
  expect(stderr).toContain('/a/kubeconfig')
})
