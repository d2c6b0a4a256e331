/**
 * The shell text of the spawner and of the shim. POSIX sh, no program but `setsid` is run, and no file of the
 * installation is read: the text goes in by stdin, so that an upgrade never pulls it from under a run.
 *
 * One long-lived spawner forks a shim per run; the shim is orphaned at once, forks the service, waits for it and writes
 * down how it ended. What each file means stands in run-directory.ts.
 */

/** Defines the order `S REPLICA_DIR SEQ EXIT_KEY EXITS_DIR WORKING_DIR [PROCS_FILE]... -- [NAME=VALUE]... -- ARGV...`. `setsid`: absolute path. */
export const spawnerScript = (setsid: string): string => `
set -C -f
SETSID=${quote(setsid)}
umask 077
# Names for the fields of /proc/self/stat up to the start time; reading it tells a shell its own pid without an exec.
STAT='p _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ t _'
shim() {
  D=$1/$2 K=$3 X=$4 W=$5; shift 5
  # Caught, not ignored: what is ignored would stay ignored in the service.
  trap : HUP INT TERM QUIT USR1 USR2
  read -r $STAT </proc/self/stat; M=$p
  (
    exec >>"$D/log" 2>&1
    m=$p u=$t
    read -r $STAT </proc/self/stat
    # Who we are first, then the gate: both are O_EXCL, so a run is claimed by one process only, and never after it was cancelled.
    { echo "$p $t $m $u" >"$D/pid"; } 2>/dev/null || exit 125
    # Into its cgroups in between, before it forks. Where that fails it runs without: the controller looks and tells.
    while [ "$1" != -- ]; do { echo "$p" >|"$1"; } 2>/dev/null; shift; done
    shift
    { : >"$D/claim"; } 2>/dev/null || exit 125
    : >|"$X/$K"
    cd -- "$W" || exit 126
    unset OLDPWD p t m u _
    ulimit -c 0
    umask 022
    while [ "$1" != -- ]; do export "$1"; shift; done
    shift
    exec "$SETSID" "$@"
  )
  c=$?
  read -r e _ </proc/uptime
  read -r p t m u <"$D/pid" && [ "$m" = "$M" ] && [ ! -s "$D/claim" ] || exit
  echo "$c $e" >"$D/exit"
  : >|"$X/$K"
}
S() {
  # The inner shell ends the outer one and so becomes an orphan; the spawner goes on at once. Not "&", which would make
  # SIGINT and SIGQUIT ignored in the service for good.
  (
    read -r $STAT </proc/self/stat; o=$p
    ( kill -9 "$o"; shim "$@" ) 2>/dev/null
    :
  ) </dev/null
}
`

/** One order as shell text. NUL cannot occur: validation refuses it. */
export function orderText(order: {
  readonly replicaDir: string
  readonly seq: number
  readonly exitKey: string
  readonly exitsDir: string
  readonly workingDir: string
  /** Files by which the process joins its cgroups. */
  readonly procsFiles: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly argv: readonly string[]
}): string {
  const variables = Object.entries(order.env).map(([name, value]) => `${name}=${value}`)
  const words = [
    order.replicaDir,
    String(order.seq),
    order.exitKey,
    order.exitsDir,
    order.workingDir,
    ...order.procsFiles,
    '--',
    ...variables,
    '--',
    ...order.argv,
  ]
  return `S ${words.map(quote).join(' ')}\n`
}

function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`
}
