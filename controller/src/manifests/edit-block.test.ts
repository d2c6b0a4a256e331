import { describe } from 'vitest'
import { testExamples, yaml } from './edit.examples.ts'

describe('a new field', () => {
  testExamples([
    {
      name: 'goes behind the last one, in the indentation of the file',
      before: yaml`
        spec:
            replicas: 1
            env:
            -   name: A
                value: x

        # the end
      `,
      change: { 'spec restartPolicy': 'Never', 'spec resources': { limits: { cpu: '1', memory: '64Mi' }, list: [1] } },
      after: yaml`
        spec:
            replicas: 1
            env:
            -   name: A
                value: x
            restartPolicy: Never
            resources:
                limits:
                    cpu: "1"
                    memory: 64Mi
                list:
                - 1

        # the end
      `,
    },
    {
      name: 'is the first map in metadata that has none',
      before: yaml`
        metadata:
          name: a # name
        spec:
          replicas: 1
      `,
      change: { 'metadata annotations': { 'orc.dev/restartedAt': '2026-01-31T09:30:00Z', true: 'x', '': 'y' } },
      after: yaml`
        metadata:
          name: a # name
          annotations:
            orc.dev/restartedAt: "2026-01-31T09:30:00Z"
            "true": x
            "": "y"
        spec:
          replicas: 1
      `,
    },
    {
      name: 'of a map that has only comments goes below them, into their column',
      before: yaml`
        metadata:
          annotations:
              # one a line
              # a: b
          labels: # none
        spec: {}
      `,
      change: { 'metadata annotations': { x: '1' }, 'metadata labels': { y1: '2' } },
      after: yaml`
        metadata:
          annotations:
              # one a line
              # a: b
              x: "1"
          labels: # none
            y1: "2"
        spec: {}
      `,
    },
    {
      name: 'stays in front of a comment in the column of the map and behind a deeper one',
      before: yaml`
        spec:
          env:
            - name: A
            # - name: B
          # replicas: 2
      `,
      change: { 'spec replicas': 1 },
      after: yaml`
        spec:
          env:
            - name: A
            # - name: B
          replicas: 1
          # replicas: 2
      `,
    },
    {
      name: 'at the end of a file without a final newline leaves it without one',
      before: 'kind: A\nspec:\n  a: 1 # one',
      change: { 'spec b': 2, status: {} },
      after: 'kind: A\nspec:\n  a: 1 # one\n  b: 2\nstatus: {}',
    },
    {
      name: 'behind a text that keeps its empty lines does not take one from it',
      before: 'spec:\n  text: |+\n    x\n\n\nend: 1\n',
      change: { 'spec more': 'y1' },
      after: 'spec:\n  text: |+\n    x\n\n\n  more: y1\nend: 1\n',
    },
    {
      name: 'inside an item goes into the column behind the dash',
      before: yaml`
        ports:
          -   name: http
          - name: admin
      `,
      change: { 'ports 0 port': 1, 'ports 1 port': 2 },
      after: yaml`
        ports:
          -   name: http
              port: 1
          - name: admin
            port: 2
      `,
    },
    {
      name: 'with several lines of text is a block',
      before: 'data:\n    a: b\n',
      change: { 'data run.sh': '#!/bin/sh\necho\n' },
      after: 'data:\n    a: b\n    run.sh: |\n        #!/bin/sh\n        echo\n',
    },
  ])
})

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
  ])
})

describe('a list', () => {
  testExamples([
    {
      name: 'of named items keeps the items that stay, with their comments, wherever others come and go',
      before: yaml`
        env:
          # the first
          - name: A
            value: a # va
          # the second
          - name: B # b
            value: b
          - name: C
            value: c # vc
        end: 1
      `,
      change: {
        env: [
          { name: 'Z', value: 'z' },
          { name: 'A', value: 'a' },
          { name: 'M', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } },
          { name: 'C', value: 'c2' },
          { name: 'E', value: 'e' },
        ],
      },
      after: yaml`
        env:
          - name: Z
            value: z
          # the first
          - name: A
            value: a # va
          - name: M
            valueFrom:
              secretKeyRef:
                name: s
                key: k
          - name: C
            value: c2 # vc
          - name: E
            value: e
        end: 1
      `,
    },
    {
      name: 'of named items in another order moves as few as can be',
      before: yaml`
        ports:
        - name: a # a
        - name: b # b
        - name: c # c
      `,
      change: { ports: [{ name: 'c' }, { name: 'a' }, { name: 'b' }] },
      after: yaml`
        ports:
        - name: c
        - name: a # a
        - name: b # b
      `,
    },
    {
      name: 'of words changes word by word, grows and shrinks in place, and keeps their quotes',
      before: yaml`
        command:
          - "sh" # shell
          - "-c"
          - run
        args:
          - 'a'
          - 'b' # second
          - 'c'
        other:
          - 1 # one
          - 2
      `,
      change: { command: ['sh', '-x', '-c', 'run'], args: ['a', 'c'], other: [1, 3] },
      after: yaml`
        command:
          - "sh" # shell
          - "-x"
          - "-c"
          - run
        args:
          - 'a'
          - 'c'
        other:
          - 1 # one
          - 3
      `,
    },
    {
      name: 'of items in brackets gets new items in brackets',
      before: yaml`
        env:
          - { name: A, value: "1" } # a
      `,
      change: { 'env 1': { name: 'B', value: '2', list: [1] } },
      after: yaml`
        env:
          - { name: A, value: "1" } # a
          - { name: B, value: "2", list: [1] }
      `,
    },
    {
      name: 'of lists, compact or not',
      before: yaml`
        a:
          - - 1
            - 2
          -
            - 3
            - 4 # four
          - end
      `,
      change: { 'a 0': [2], 'a 1': [0, 3, 4], 'a 2': [[5], 'x'] },
      after: yaml`
        a:
          - - 2
          -
            - 0
            - 3
            - 4 # four
          - - - 5
            - x
      `,
    },
  ])
})
