/** Numbers and times as people read them here, the same in every browser: nothing depends on its locale. */

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const UNITS: readonly (readonly [ms: number, name: string])[] = [
  [DAY, 'd'],
  [HOUR, 'h'],
  [MINUTE, 'min'],
  [SECOND, 's'],
]

const KIB = 1024
const MIB = 1024 * KIB
const GIB = 1024 * MIB

const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const

/** A number and its unit are never parted by the end of a line. */
const NO_BREAK = '\u00a0'
const THIN_NO_BREAK = '\u202f'

/** How old something is: `40 s`, `25 min`, `1 h 6 min`, `3 d 4 h`. Seconds are shown below one minute only. */
export function formatAge(ms: number): string {
  return ms < MINUTE ? formatDuration(ms) : twoUnits(ms - (ms % MINUTE))
}

/** The two largest units: `40 s`, `1 min 24 s`, `3 d 4 h`. */
export function formatDuration(ms: number): string {
  return twoUnits(Math.max(0, ms))
}

function twoUnits(ms: number): string {
  const first = UNITS.findIndex(([unit]) => ms >= unit)
  if (first === -1) return `0${NO_BREAK}s`
  const parts = UNITS.slice(first, first + 2).map(([unit, name], index) => {
    const count = Math.floor((index === 0 ? ms : ms % (UNITS[first]?.[0] ?? 1)) / unit)
    return count === 0 ? '' : `${String(count)}${NO_BREAK}${name}`
  })
  return parts.filter((part) => part !== '').join(NO_BREAK)
}

/** `09:41` today, `Mon 06:00` within six days, else `12 Nov, 06:00`; 24 hours, in the zone of the browser. */
export function formatTime(ms: number, nowMs: number): string {
  const time = new Date(ms)
  const days = Math.round((startOfDay(ms) - startOfDay(nowMs)) / DAY)
  const clock = `${two(time.getHours())}:${two(time.getMinutes())}`
  if (days === 0) return clock
  if (Math.abs(days) < 7) return `${WEEKDAYS[time.getDay()] ?? ''}${NO_BREAK}${clock}`
  const year = time.getFullYear() === new Date(nowMs).getFullYear() ? '' : ` ${String(time.getFullYear())}`
  return `${String(time.getDate())}${NO_BREAK}${MONTHS[time.getMonth()] ?? ''}${year}, ${clock}`
}

/** `09:42:10`, in the zone of the browser. */
export function formatTimeOfDay(ms: number): string {
  const time = new Date(ms)
  return [time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(':')
}

/** `09:42:10.004`, in the zone of the browser. */
export function formatMoment(ms: number): string {
  return `${formatTimeOfDay(ms)}.${String(new Date(ms).getMilliseconds()).padStart(3, '0')}`
}

/** A thin space between thousands: `1 204`. Not for pids, ports and revisions, which are names. */
export function formatCount(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, THIN_NO_BREAK)
}

/** CPU in cores, two digits: `0.84`. */
export function formatCores(cores: number): string {
  return cores.toFixed(2)
}

/** One digit, `98.3 %`; all or nothing without: what is not quite all never says 100. */
export function formatPercent(share: number): string {
  if (share === 0 || share === 1) return `${String(share * 100)}${NO_BREAK}%`
  return `${Math.min(99.9, Math.max(0.1, share * 100)).toFixed(1)}${NO_BREAK}%`
}

/** `64 KiB`, `1 204 MiB`, `1.5 GiB`: in GiB only where that is exact to one digit, or from 10 000 MiB on. */
export function formatBytes(bytes: number): string {
  if (bytes < MIB) return `${formatCount(bytes / KIB)}${NO_BREAK}KiB`
  const tenths = (bytes / GIB) * 10
  const exact = bytes >= GIB && Math.abs(tenths - Math.round(tenths)) < 1e-9
  if (exact || bytes >= 10_000 * MIB) return `${String(Math.round(tenths) / 10)}${NO_BREAK}GiB`
  return `${formatCount(bytes / MIB)}${NO_BREAK}MiB`
}

function startOfDay(ms: number): number {
  return new Date(ms).setHours(0, 0, 0, 0)
}

function two(part: number): string {
  return String(part).padStart(2, '0')
}
