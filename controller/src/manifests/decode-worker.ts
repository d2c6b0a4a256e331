/** The thread in which large manifests are decoded and edited; see parser.ts. */
import { parentPort } from 'node:worker_threads'
import { carryOut } from './parser-task.ts'
import type { TaskAnswer, TaskRequest } from './parser.ts'

parentPort?.on('message', ({ id, task }: TaskRequest) => {
  parentPort?.postMessage({ id, result: carryOut(task) } satisfies TaskAnswer)
})
