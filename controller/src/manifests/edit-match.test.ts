import { describe } from 'vitest'
import { testExamples, yaml } from './edit.examples.ts'

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
    {
      name: 'of words of the same number changes in place, unless more of them moved',
      before: yaml`
        a:
          - x # 1
          - y # 2
          - z # 3
        b:
          - x # 1
          - y # 2
          - z # 3
      `,
      change: { a: ['z', 'y', 'w'], b: ['y', 'z', 'w'] },
      after: yaml`
        a:
          - z # 1
          - y # 2
          - w # 3
        b:
          - y # 2
          - z # 3
          - w
      `,
    },
    {
      name: 'keeps what is equal and changes in place what lies between',
      before: yaml`
        args:
          - a # 1
          - b # 2
          - c # 3
          - d # 4
      `,
      change: { args: ['x', 'b', 'd'] },
      after: yaml`
        args:
          - x # 1
          - b # 2
          - d # 4
      `,
    },
    {
      name: 'in which a name stands twice is a list like any other',
      before: yaml`
        env:
          - name: A # 1
            value: 1
          - name: A # 2
            value: 2
      `,
      change: { 'env 1 value': 3 },
      after: yaml`
        env:
          - name: A # 1
            value: 1
          - name: A # 2
            value: 3
      `,
    },
  ])
})
