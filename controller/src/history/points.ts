/** Sums as people read them: means, shares, cores, bytes and milliseconds. Pure. */
import type { SamplesPoint } from '@orc/schemas'
import type { SamplePoint } from './samples-file.ts'

export function pointOf(sums: SamplePoint): SamplesPoint {
  const { n, wanted_sum: wanted, ready_sum: ready, usage_n: known, probe_n: asked } = sums
  const uptimeShare = shareOf(ready, wanted)
  return {
    time: new Date(sums.at_ms).toISOString(),
    wantedReplicas: round(wanted / n),
    readyReplicas: round(ready / n),
    leastReadyReplicas: sums.ready_min,
    ...(uptimeShare !== null && { uptimeShare }),
    restarts: sums.restarts,
    ...(known > 0 && {
      cpuCores: coresOf(sums.cpu_sum, known),
      mostCpuCores: coresOf(sums.cpu_max, 1),
      memoryBytes: bytesOf(sums.memory_sum, known),
      mostMemoryBytes: bytesOf(sums.memory_max, 1),
      processes: round(sums.processes_sum / known),
      mostProcesses: sums.processes_max,
    }),
    ...(asked > 0 && {
      probeLatencyMs: round(sums.probe_sum / asked / 1000),
      longestProbeLatencyMs: round(sums.probe_max / 1000),
    }),
  }
}

/** Null when there was nothing to share. One that is not whole never looks whole. */
export function shareOf(part: number, whole: number): number | null {
  return whole === 0 ? null : Math.floor((part / whole) * 1e5) / 1e5
}

export function coresOf(millionths: number, looks: number): number {
  return Math.round(millionths / looks) / 1e6
}

export function bytesOf(kib: number, looks: number): number {
  return Math.round(kib / looks) * 1024
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000
}
