/** Labels and annotations that orc itself gives a meaning. */

/** RFC 3339 time; a new value asks for a restart of every replica. */
export const RESTARTED_AT = 'orc.dev/restartedAt'

/** On a Pod: name of its AgentService. */
export const SERVICE_LABEL = 'orc.dev/service'

/** On a Pod: its ordinal, from 0. */
export const ORDINAL_LABEL = 'orc.dev/ordinal'

/** On a Pod: the revision of the spec that it runs. */
export const REVISION_LABEL = 'orc.dev/revision'

/** On an object that `orc apply` has written: `--prune` deletes no other. It is kept beside the file, not in it. */
export const APPLIED_BY = 'orc.dev/appliedBy'
