/** Pods as rows. */
import type { Pod } from '@orc/schemas'
import { ageOf } from './age.ts'
import { joined, NONE, type KindPrinter } from './kind-printer.ts'
import { podStatus, statusPaint } from './status-word.ts'

export const podPrinter: KindPrinter<Pod> = {
  columns: (wide) => ['NAME', 'READY', 'STATUS', 'RESTARTS', 'AGE', ...(wide ? ['PID', 'PORTS'] : [])],
  row(pod, { nowMs, wide, colors }) {
    const word = podStatus(pod)
    const row = [
      pod.metadata.name,
      pod.status.containerStatuses[0].ready ? '1/1' : '0/1',
      { text: word, paint: statusPaint(word, colors) },
      restarts(pod, nowMs),
      ageOf(pod.metadata.creationTimestamp, nowMs),
    ]
    if (!wide) return row
    const ports = pod.spec.containers[0].ports.map(({ containerPort }) => containerPort)
    return [...row, String(pod.status.orc.pid ?? NONE), joined(ports)]
  },
}

/** `3 (5m ago)`: a count says little without the time of the last one. */
function restarts({ status }: Pod, nowMs: number): string {
  const [{ restartCount, lastState }] = status.containerStatuses
  const ended = lastState.terminated?.finishedAt
  return restartCount === 0 || ended === undefined
    ? String(restartCount)
    : `${String(restartCount)} (${ageOf(ended, nowMs)} ago)`
}
