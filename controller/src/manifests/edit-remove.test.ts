import { describe } from 'vitest'
import { testExamples, yaml } from './edit.examples.ts'

describe('a removed field', () => {
  testExamples([
    {
      name: 'takes its lines, the comment behind it and the comments directly above it along',
      before: yaml`
        spec:
          # about replicas
          replicas: 1 # one
          # How to start it.
          # Two lines.
          command: # words
            # the shell
            - sh
            # - bash
          # about the policy
          restartPolicy: Never
      `,
      change: { 'spec command': undefined },
      after: yaml`
        spec:
          # about replicas
          replicas: 1 # one
          # about the policy
          restartPolicy: Never
      `,
    },
    {
      name: 'leaves a comment that a blank line separates or that stands further left',
      before: yaml`
        spec:
          a: 1

          # general remark

          b: 2
        # the third is special
          c: 3
          d: 4
      `,
      change: { 'spec b': undefined, 'spec c': undefined },
      after: yaml`
        spec:
          a: 1

          # general remark

        # the third is special
          d: 4
      `,
    },
    {
      name: 'that is the first of the document leaves the head of the file',
      before: yaml`
        # What this file is about
        kind: A
        name: x
      `,
      change: { kind: undefined },
      after: yaml`
        # What this file is about
        name: x
      `,
    },
    {
      name: 'that is the last of its map leaves an empty map, not nothing',
      before: yaml`
        metadata:
          name: x
          labels: # for searching
            # the team
            team: a # t

            # another: b

        spec:
          env:
          - {name: A}
      `,
      change: { 'metadata labels team': undefined, 'spec env': [] },
      after: yaml`
        metadata:
          name: x
          labels: {} # for searching

            # another: b

        spec:
          env: []
      `,
    },
    {
      name: 'behind a dash lets the next one move up to the dash',
      before: yaml`
        env:
          - value: "1" # v
            name: A
          - value: "2"
            # named
            name: B # b
          - x: 1
      `,
      change: { 'env 0 value': undefined, 'env 1 value': undefined, 'env 2 x': undefined },
      after: yaml`
        env:
          - name: A
          - # named
            name: B # b
          - {}
      `,
    },
    {
      name: 'behind a dash lets a remark that is nobody’s move up',
      before: yaml`
        env:
          - a: 1

            # remark

            b: 2
            c: 3
      `,
      change: { 'env 0 a': undefined, 'env 0 b': undefined },
      after: yaml`
        env:
          - # remark

            c: 3
      `,
    },
    {
      name: 'gives its place to a new one where nothing else is left',
      before: yaml`
        a:
          # old
          one: 1 # 1
          two: 2
        b:
          - one: 1
            two: 2
      `,
      change: { a: { three: 3 }, 'b 0': { three: 3 } },
      after: yaml`
        a:
          three: 3
        b:
          - three: 3
      `,
    },
    {
      name: 'at the end of the file leaves the file without a final newline, if it had none',
      before: 'a: 1\nb: 2',
      change: { b: undefined },
      after: 'a: 1',
    },
    {
      name: 'at the end of the file does not take a line from the text above that keeps its empty lines',
      before: 'a: |+\n  x\n\n\nb: 2',
      change: { b: undefined },
      after: 'a: |+\n  x\n\n\n',
    },
    {
      name: 'takes the blank lines below along where the text above would keep them as its own',
      before: 'a: |+\n  x\n\nb: 2\n\n\nc: 3\n',
      change: { b: undefined },
      after: 'a: |+\n  x\n\nc: 3\n',
    },
    {
      name: 'may have a name that every object knows',
      before: 'constructor: 1\na: 1\n',
      change: { constructor: undefined },
      after: 'a: 1\n',
    },
  ])
})
