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
