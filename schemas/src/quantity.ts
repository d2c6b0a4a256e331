/** Kubernetes quantities (`100m`, `64Mi`) as numbers. */

const FACTORS: Readonly<Record<string, number>> = {
  // Nano and micro occur in what is measured, not in what is declared.
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
}

/** The value in base units (cores, bytes); undefined when the text is not a quantity. */
export function parseQuantity(quantity: string | number): number | undefined {
  if (typeof quantity === 'number') return Number.isFinite(quantity) && quantity >= 0 ? quantity : undefined
  const [, digits, suffix = ''] = /^(\d+(?:\.\d+)?)([a-zA-Z]{0,2})$/.exec(quantity) ?? []
  const factor = FACTORS[suffix]
  return digits === undefined || factor === undefined ? undefined : Number(digits) * factor
}

/** Bytes as the shortest binary quantity with at most one decimal, for people: `64Mi`, `1.5Gi`. */
export function formatBytes(bytes: number): string {
  for (const suffix of ['Pi', 'Ti', 'Gi', 'Mi', 'Ki']) {
    const factor = FACTORS[suffix] ?? 1
    if (bytes >= factor) return `${String(Math.round((bytes / factor) * 10) / 10)}${suffix}`
  }
  return String(Math.round(bytes))
}
