/** How the lines of a chart are told apart: by colour and, from the second on, by dashes. */
export const COLORS = ['--c1', '--c2'] as const
export const DASHES: readonly (readonly number[])[] = [[], [5, 3]]
