/** The thread of history; see serve-history.ts. */
import { parentPort, workerData } from 'node:worker_threads'
import { serveHistory } from './serve-history.ts'

if (parentPort !== null) serveHistory(parentPort, String(workerData))
