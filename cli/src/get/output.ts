/** The forms in which `get` shows objects. */
export const OUTPUTS = ['table', 'wide', 'yaml', 'json', 'name'] as const

export type Output = (typeof OUTPUTS)[number]
