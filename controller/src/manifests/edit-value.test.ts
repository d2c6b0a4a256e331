import { describe } from 'vitest'
import { testExamples, yaml } from './edit.examples.ts'

describe('a scalar', () => {
  testExamples([
    {
      name: 'keeps the spaces before it and the comment behind it',
      before: yaml`
        spec:
          replicas:   1   # one is enough
          restartPolicy: Always
      `,
      change: { 'spec replicas': 3 },
      after: yaml`
        spec:
          replicas:   3   # one is enough
          restartPolicy: Always
      `,
    },
    {
      name: 'keeps the style of its quotes',
      before: yaml`
        plain: one
        single: 'two' # s
        double: "three" # d
      `,
      change: { plain: 'uno', single: 'due', double: 'tre' },
      after: yaml`
        plain: uno
        single: 'due' # s
        double: "tre" # d
      `,
    },
    {
      name: 'in single quotes doubles a quote, and goes to double quotes for what single ones cannot say',
      before: yaml`
        a: 'x'
        b: 'y'
      `,
      change: { a: "it's", b: 'bell\u0007' },
      after: yaml`
        a: 'it''s'
        b: "bell\u0007"
      `,
    },
    {
      name: 'that is plain gets quotes where YAML 1.1 or 1.2 would not read text, of the kind the file uses',
      before: yaml`
        number: a
        word: b
        colon: c
        other: 'd'
      `,
      change: { number: '8080', word: 'yes', colon: 'key: value' },
      after: yaml`
        number: '8080'
        word: 'yes'
        colon: 'key: value'
        other: 'd'
      `,
    },
    {
      name: 'changes its type in place',
      before: yaml`
        a: "8080"
        b: 8080
        c: true
        d: x
      `,
      change: { a: 8080, b: '8080', c: false, d: null },
      after: yaml`
        a: 8080
        b: "8080"
        c: false
        d: null
      `,
    },
    {
      name: 'that is not written gets a value in front of the comment',
      before: yaml`
        spec:
          description: # what it does
          replicas:
          operatingMode: ~
      `,
      change: { 'spec description': 'Greets', 'spec replicas': 2, 'spec operatingMode': 'Running' },
      after: yaml`
        spec:
          description: Greets # what it does
          replicas: 2
          operatingMode: Running
      `,
    },
    {
      name: 'over several lines becomes one, whatever its style',
      before: yaml`
        plain: some words
          and more # p
        double: "some words
          and more" # d
        # end
      `,
      change: { plain: 'short', double: 'short' },
      after: yaml`
        plain: short # p
        double: "short" # d
        # end
      `,
    },
    {
      name: 'on the line below its key stays there',
      before: yaml`
        description:
          "some text" # why
        next: 1
      `,
      change: { description: 'other text' },
      after: yaml`
        description:
          "other text" # why
        next: 1
      `,
    },
    {
      name: 'with a tag loses the tag',
      before: yaml`
        a: !!str 5 # text
        b: !!str
          5 # text
        c: !!str
        d: !!map
          x: 1
      `,
      change: { a: '6', b: '6', c: 'x', d: null },
      after: yaml`
        a: "6" # text
        b:
          "6" # text
        c: x
        d: null
      `,
    },
    {
      name: 'that is long is neither folded nor unfolded by a change next to it',
      before: `a: "${'long text '.repeat(20)}"\nb: 1\n`,
      change: { b: 'word '.repeat(40) },
      after: `a: "${'long text '.repeat(20)}"\nb: "${'word '.repeat(40)}"\n`,
    },
  ])
})

describe('a value that becomes another kind of value', () => {
  testExamples([
    {
      name: 'goes below its key, and the comment stays with the key',
      before: yaml`
        spec:
            command: sh # how
            ports: {} # none
            env:
        end: 1
      `,
      change: { 'spec command': ['sh', '-c'], 'spec ports': { http: 0 }, 'spec env': [{ name: 'A', value: '1' }] },
      after: yaml`
        spec:
            command: # how
                - sh
                - -c
            ports: # none
                http: 0
            env:
                - name: A
                  value: "1"
        end: 1
      `,
    },
    {
      name: 'comes up to its key, and comments in front of it stay',
      before: yaml`
        a: # about a
          # about x
          x: 1 # one
          y: 2 # two
        b:
          - 1
          - 2
        c: 3
      `,
      change: { a: 'text', b: null },
      after: yaml`
        a: text # about a
          # about x
        b: null
        c: 3
      `,
    },
    {
      name: 'in brackets stays in brackets',
      before: yaml`
        a: [1, 2] # a
        b: { x: 1 }
        c: {x: [1]}
      `,
      change: { a: { z: 'y1' }, b: ['q'], 'c x 0': { deep: [true] } },
      after: yaml`
        a: { z: y1 } # a
        b: [q]
        c: {x: [{ deep: [true] }]}
      `,
    },
  ])
})
