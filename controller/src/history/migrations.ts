/**
 * The tables of history.db. `user_version` says how many of these steps the file has seen. A step that was released is
 * never changed: a change is a new step.
 *
 * Times are wall clock, ms since the epoch. `mutations.changed` is a JSON list of field paths. `runs.fingerprint` is ''
 * for what is no failure, and NULL in rows of before step 2.
 *
 * Samples are sums over `n` looks, so that a row grows by addition: CPU in millionths of a core, memory in KiB, answer
 * times of probes in µs. By time first, so that all services of a moment are on the same pages: a write touches two
 * pages a table and not one for each service, and what is too old goes by whole pages.
 */
const samples = (table: string): string => `CREATE TABLE ${table} (
     at_ms INTEGER NOT NULL, service_id INTEGER NOT NULL, n INTEGER NOT NULL,
     wanted_sum INTEGER NOT NULL, ready_sum INTEGER NOT NULL, ready_min INTEGER NOT NULL, restarts INTEGER NOT NULL,
     usage_n INTEGER NOT NULL, cpu_sum INTEGER NOT NULL, cpu_max INTEGER NOT NULL,
     memory_sum INTEGER NOT NULL, memory_max INTEGER NOT NULL,
     processes_sum INTEGER NOT NULL, processes_max INTEGER NOT NULL,
     probe_n INTEGER NOT NULL, probe_sum INTEGER NOT NULL, probe_max INTEGER NOT NULL,
     PRIMARY KEY (at_ms, service_id)
   ) WITHOUT ROWID;`

export const MIGRATIONS: readonly string[] = [
  `CREATE TABLE events (
     namespace TEXT NOT NULL, name TEXT NOT NULL,
     object_api_version TEXT NOT NULL, object_kind TEXT NOT NULL, object_namespace TEXT NOT NULL,
     object_name TEXT NOT NULL, object_uid TEXT NOT NULL,
     type TEXT NOT NULL, reason TEXT NOT NULL, message TEXT NOT NULL,
     count INTEGER NOT NULL, first_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL,
     PRIMARY KEY (namespace, name)
   );
   CREATE INDEX events_by_time ON events (last_ms);
   CREATE INDEX events_by_object ON events (object_kind, object_namespace, object_name, last_ms);
   CREATE TABLE runs (
     run_id TEXT PRIMARY KEY, namespace TEXT NOT NULL, service TEXT NOT NULL, uid TEXT NOT NULL,
     ordinal INTEGER NOT NULL, seq INTEGER NOT NULL, incarnation INTEGER NOT NULL, revision TEXT NOT NULL,
     exit_code INTEGER NOT NULL, signal INTEGER, reason TEXT NOT NULL,
     started_ms INTEGER NOT NULL, finished_ms INTEGER NOT NULL, last_lines TEXT
   );
   CREATE INDEX runs_by_time ON runs (finished_ms);
   CREATE INDEX runs_by_service ON runs (namespace, service, finished_ms);
   CREATE TABLE mutations (
     id INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, user TEXT NOT NULL, verb TEXT NOT NULL,
     kind TEXT NOT NULL, subresource TEXT, namespace TEXT NOT NULL, name TEXT NOT NULL,
     from_version TEXT, to_version TEXT, from_generation INTEGER, to_generation INTEGER,
     changed TEXT NOT NULL, code INTEGER NOT NULL, reason TEXT
   );
   CREATE INDEX mutations_by_time ON mutations (at_ms);
   CREATE INDEX mutations_by_object ON mutations (kind, namespace, name, at_ms);`,
  `CREATE TABLE sampled_services (
     id INTEGER PRIMARY KEY, namespace TEXT NOT NULL, name TEXT NOT NULL, uid TEXT NOT NULL, last_ms INTEGER NOT NULL,
     UNIQUE (namespace, name, uid)
   );
   ${samples('samples_10s')}
   ${samples('samples_1m')}
   ${samples('samples_15m')}
   ${samples('samples_1h')}
   ALTER TABLE runs ADD COLUMN fingerprint TEXT;`,
  samples('samples_6h'),
]
