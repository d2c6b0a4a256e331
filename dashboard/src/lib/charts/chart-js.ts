/** The parts of chart.js that the charts need; to be imported when the first chart is shown, not before. */
import {
  BarController,
  BarElement,
  Chart,
  Decimation,
  LinearScale,
  LineController,
  LineElement,
  PointElement,
} from 'chart.js'
import type { Point } from './series.ts'
import type { TimeRange } from './time-range.ts'

Chart.register(BarController, BarElement, Decimation, LinearScale, LineController, LineElement, PointElement)

export interface Drawing extends TimeRange {
  readonly type: 'line' | 'bar'
  readonly top: number
  readonly lines: readonly {
    readonly points: readonly Point[]
    readonly color: string
    readonly dash: readonly number[]
  }[]
  /** Of a bar. */
  readonly barMs: number
}

const FROM_POINTS = 400

/** Draws lines or bars that fill the canvas; grid, ticks and marks are elements beside it. Call the result to end it. */
export function draw(canvas: HTMLCanvasElement, drawing: Drawing): () => void {
  const { type, lines, sinceMs, untilMs, top } = drawing
  const chart = new Chart<'line' | 'bar', Point[]>(canvas, {
    type,
    data: {
      datasets: lines.map(({ points, color, dash }) => ({
        data: [...points],
        borderColor: color,
        backgroundColor: color,
        borderDash: [...dash],
        borderWidth: type === 'line' ? 1.75 : 0,
        pointRadius: points.length === 1 ? 2 : 0,
        pointHitRadius: 0,
        tension: 0,
        spanGaps: false,
        barThickness: barWidth(canvas, drawing),
      })),
    },
    options: {
      animation: false,
      normalized: true,
      parsing: false,
      responsive: true,
      maintainAspectRatio: false,
      events: [],
      // Half a line would be cut at the edges.
      clip: 2,
      scales: {
        x: { type: 'linear', min: sinceMs, max: untilMs, display: false, offset: false },
        y: { type: 'linear', min: 0, max: top, display: false },
      },
      plugins: { decimation: { enabled: type === 'line', algorithm: 'lttb', samples: FROM_POINTS } },
    },
  })
  return () => chart.destroy()
}

function barWidth(canvas: HTMLCanvasElement, { barMs, sinceMs, untilMs }: Drawing): number {
  return Math.max(2, (barMs / (untilMs - sinceMs)) * canvas.clientWidth * 0.7)
}
