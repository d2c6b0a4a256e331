/** The thread in which large manifests are decoded; see parser.ts. */
import { parentPort } from 'node:worker_threads'
import { decode } from '@orc/schemas'
import type { DecodeAnswer, DecodeRequest } from './parser.ts'

parentPort?.on('message', ({ id, text }: DecodeRequest) => {
  parentPort?.postMessage({ id, decoded: decode(text) } satisfies DecodeAnswer)
})
