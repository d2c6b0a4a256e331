import { describe } from 'vitest'
import { testExamples, yaml } from './edit.examples.ts'

describe('brackets on one line', () => {
  testExamples([
    {
      name: 'get new entries in the line',
      before: 'metadata: {name: a, labels: {x: 1}} # m\nargs: [a, c] # args\n',
      change: { 'metadata labels team': 'b', 'metadata namespace': 'ns', args: ['a', 'b,c', 'c', 'd'] },
      after: 'metadata: {name: a, labels: {x: 1, team: b}, namespace: ns} # m\nargs: [a, "b,c", c, d] # args\n',
    },
    {
      name: 'lose entries with their commas',
      before: 'a: [1, 2, 3]\nb: [1, 2, 3]\nc: { x: 1, y: 2 }\nd: [1, 2,]\n',
      change: { a: [2, 3], b: [1], 'c x': undefined, d: [1] },
      after: 'a: [2, 3]\nb: [1]\nc: { y: 2 }\nd: [1,]\n',
    },
    {
      name: 'that become empty are empty brackets',
      before: 'a: { x: 1 }\nb: [1, 2] # b\n',
      change: { 'a x': undefined, b: [] },
      after: 'a: {}\nb: [] # b\n',
    },
    {
      name: 'keep their place when every entry is another',
      before: 'a: {x: 1, y1: 2}\nb: [[1], [2]]\n',
      change: { a: { z: 3 }, b: [[1, 2, 3]] },
      after: 'a: {z: 3}\nb: [[1, 2, 3]]\n',
    },
    {
      name: 'hold texts of several lines in quotes',
      before: 'a: {x: one}\n',
      change: { 'a x': 'one\ntwo', 'a z': '- three\n' },
      after: 'a: {x: "one\\ntwo", z: "- three\\n"}\n',
    },
    {
      name: 'may leave a value or a colon out',
      before: 'a: {x, z: , "q":1}\n',
      change: { 'a x': 1, 'a z': [], 'a q': 'r' },
      after: 'a: {x: 1, z: [] , "q":"r"}\n',
    },
    {
      name: 'around a list may hold a field without brackets of its own, which then gets them',
      before: 'a: [x: 1, b]\n',
      change: { 'a 0 z': 2 },
      after: 'a: [{x: 1, z: 2}, b]\n',
    },
  ])
})

describe('brackets over several lines', () => {
  testExamples([
    {
      name: 'get a line for a new entry, and a comma where one is missing',
      before: yaml`
        env: [
          {name: A}, # a
          {name: B} # b
        ]
        map: {
          x: 1,
        }
      `,
      change: { env: [{ name: 'Z' }, { name: 'A' }, { name: 'M' }, { name: 'B' }, { name: 'E' }], 'map z': [] },
      after: yaml`
        env: [
          {name: Z},
          {name: A}, # a
          {name: M},
          {name: B}, # b
          {name: E}
        ]
        map: {
          x: 1,
          z: [],
        }
      `,
    },
    {
      name: 'lose the line of an entry with its comments, and the comma that is one too many',
      before: yaml`
        args: [
          # first
          a, # 1
          b, # 2
          # third
          c # 3
        ]
      `,
      change: { args: ['b'] },
      after: yaml`
        args: [
          b # 2
        ]
      `,
    },
    {
      name: 'that become empty keep a comment that is nobody’s',
      before: yaml`
        args: [ # none needed
          a
        ]
      `,
      change: { args: [] },
      after: yaml`
        args: [ # none needed
        ]
      `,
    },
    {
      name: 'change only on the line of the change',
      before: yaml`
        env: [ {name: A, value: "1"},
               {name: B, value: "2"} ]
      `,
      change: { 'env 1 value': '3', 'env 0 extra': true },
      after: yaml`
        env: [ {name: A, value: "1", extra: true},
               {name: B, value: "3"} ]
      `,
    },
  ])
})

describe('JSON', () => {
  testExamples([
    {
      name: 'stays JSON',
      before: yaml`
        {
          "kind": "A",
          "args": ["a", 1],
          "spec": {
            "replicas": 1,
            "gone": true
          }
        }
      `,
      change: { 'args 1': 'b', 'args 2': 'c', 'spec gone': undefined, 'spec replicas': 2, extra: { on: ['x'] } },
      after: yaml`
        {
          "kind": "A",
          "args": ["a", "b", "c"],
          "spec": {
            "replicas": 2
          },
          "extra": {"on": ["x"]}
        }
      `,
    },
    {
      name: 'that is empty gets its first fields as YAML, which may hold them on lines',
      before: '--- # nothing yet\n{}\n',
      change: { kind: 'A', spec: { replicas: 1 } },
      after: '--- # nothing yet\nkind: A\nspec:\n  replicas: 1\n',
    },
  ])
})
