/** What `orc rollout` can do. */
export const ROLLOUT_VERBS = ['status', 'history', 'undo', 'pause', 'resume', 'restart'] as const
