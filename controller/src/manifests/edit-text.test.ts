import { describe } from 'vitest'
import { testExamples, yaml } from './edit.examples.ts'

describe('a text of several lines', () => {
  testExamples([
    {
      name: 'stays a block with its indentation and the comment of its header',
      before: yaml`
        data:
          run.sh: | # the script
              echo one
              echo two

          other: x
      `,
      change: { 'data run.sh': 'echo three\n  echo four\n' },
      after: yaml`
        data:
          run.sh: | # the script
              echo three
                echo four

          other: x
      `,
    },
    {
      name: 'says in its header how it ends and that it begins with spaces',
      before: yaml`
        a: |
          x
          y
        b: >-
          x
          y
        c: |
          z
      `,
      change: { a: 'one\ntwo', b: 'one\ntwo\n\n', c: '  one\ntwo\n' },
      after: yaml`
        a: |-
          one
          two
        b: |+
          one
          two

        c: |2
            one
          two
      `,
    },
    {
      name: 'becomes plain when one line is left, and the lines go',
      before: yaml`
        a: | # x
          one
          two
        b: |+
          one

        c: 1
      `,
      change: { a: 'one', b: 'two' },
      after: yaml`
        a: one # x
        b: two
        c: 1
      `,
    },
    {
      name: 'that is empty gets a value',
      before: yaml`
        a: |
        b: | # nothing
        c: |-
      `,
      change: { a: 'x', b: 'one\ntwo\n', d: 1 },
      after: yaml`
        a: x
        b: | # nothing
          one
          two
        c: |-
        d: 1
      `,
    },
    {
      name: 'comes for a text of one line, between the line and the comment below',
      before: yaml`
        data:
            motd: hello # greeting
            # the end
        x: 1
      `,
      change: { 'data motd': 'hello\nworld\n' },
      after: yaml`
        data:
            motd: | # greeting
                hello
                world
            # the end
        x: 1
      `,
    },
    {
      name: 'is written in quotes where a comment below would become part of it',
      before: yaml`
        a: hello
            # deeper
        b: 1
      `,
      change: { a: 'hello\nworld\n' },
      after: yaml`
        a: "hello\nworld\n"
            # deeper
        b: 1
      `,
    },
    {
      name: 'is written in quotes where a block cannot hold it',
      before: yaml`
        a: |
          x
          y
      `,
      change: { a: 'one\r\ntwo' },
      after: yaml`
        a: "one\r\ntwo"
      `,
    },
  ])
})
