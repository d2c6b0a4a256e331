import { expect, test } from 'vitest'
import { Failure } from './errors.ts'
import { negotiate, negotiateWrite } from './negotiate.ts'

const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io'

test.each([
  [undefined, 'Object'],
  ['*/*', 'Object'],
  ['application/json', 'Object'],
  ['application/json, */*;q=0.8', 'Object'],
  ['application/vnd.kubernetes.protobuf,application/json', 'Object'],
  ['text/html,application/xhtml+xml,*/*;q=0.8', 'Object'],
  [`${TABLE},application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json`, 'Table'],
  ['application/json; as=Table; g=meta.k8s.io; v=v1', 'Table'],
  [`application/json,${TABLE}`, 'Object'],
  ['application/json;as=Table;v=v2;g=meta.k8s.io,application/json', 'Object'],
  ['application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io,application/json', 'Object'],
])('%j takes %s', (accept, form) => {
  expect(negotiate(accept)).toBe(form)
})

test.each(['text/html', 'application/yaml', '', 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io'])(
  '%j takes nothing that there is',
  (accept) => {
    expect((negotiate(accept) as Failure).status.code).toBe(406)
    expect(negotiate(accept)).toBeInstanceOf(Failure)
  },
)

const FILE = 'application/json;as=Manifest;v=v1alpha1;g=orc.dev'

test.each([
  [undefined, 'Object'],
  [TABLE, 'Object'],
  ['text/html', 'Object'],
  ['application/json;as=Manifest;v=v1;g=orc.dev', 'Object'],
  [FILE, 'Manifest'],
  [`${FILE},application/json`, 'Manifest'],
])('a try that accepts %j answers %s', (accept, form) => {
  expect(negotiateWrite(accept, true)).toBe(form)
})

test('what would become of a file is shown of a try only, and never of a read', () => {
  expect((negotiateWrite(FILE, false) as Failure).status.code).toBe(400)
  expect((negotiate(FILE) as Failure).status.code).toBe(406)
})
