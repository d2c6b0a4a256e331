/**
 * The class of every command by its name. They are loaded together, as one file of the bundle: many small files would
 * take longer to open than this one takes to read. What is heavy (YAML, the validators) they load when they need it.
 */
import type { CommandClass } from 'clipanion'
import { AnnotateCommand } from './commands/annotate.ts'
import { ApplyCommand } from './commands/apply.ts'
import { CompleteCommand } from './commands/complete.ts'
import { CompletionCommand } from './commands/completion.ts'
import { ConfirmCommand } from './commands/confirm.ts'
import { DashboardCommand } from './commands/dashboard.ts'
import { DeleteCommand } from './commands/delete.ts'
import { DescribeCommand } from './commands/describe.ts'
import { DiffCommand } from './commands/diff.ts'
import { DownCommand } from './commands/down.ts'
import { EditCommand } from './commands/edit.ts'
import { EventsCommand } from './commands/events.ts'
import { ExplainCommand } from './commands/explain.ts'
import { GetCommand } from './commands/get.ts'
import { InitCommand } from './commands/init.ts'
import { KubeconfigCommand } from './commands/kubeconfig.ts'
import { LabelCommand } from './commands/label.ts'
import { ListCommand } from './commands/list.ts'
import { LogsCommand } from './commands/logs.ts'
import { PatchCommand } from './commands/patch.ts'
import { RemoveCommand } from './commands/remove.ts'
import { RestartCommand } from './commands/restart.ts'
import { RolloutCommand } from './commands/rollout.ts'
import { RunCommand } from './commands/run.ts'
import { ScaleCommand } from './commands/scale.ts'
import { StartCommand } from './commands/start.ts'
import { StatusCommand } from './commands/status.ts'
import { StopCommand } from './commands/stop.ts'
import { UpCommand } from './commands/up.ts'
import { ValidateCommand } from './commands/validate.ts'
import { WaitCommand } from './commands/wait.ts'
import type { CommandName } from './commands.ts'
import type { OrcContext } from './orc-context.ts'

export const COMMAND_CLASSES: Readonly<Record<CommandName, CommandClass<OrcContext> | CommandClass>> = {
  annotate: AnnotateCommand,
  apply: ApplyCommand,
  __complete: CompleteCommand,
  completion: CompletionCommand,
  confirm: ConfirmCommand,
  dashboard: DashboardCommand,
  delete: DeleteCommand,
  describe: DescribeCommand,
  diff: DiffCommand,
  down: DownCommand,
  edit: EditCommand,
  events: EventsCommand,
  explain: ExplainCommand,
  get: GetCommand,
  init: InitCommand,
  kubeconfig: KubeconfigCommand,
  label: LabelCommand,
  list: ListCommand,
  logs: LogsCommand,
  patch: PatchCommand,
  remove: RemoveCommand,
  restart: RestartCommand,
  rollout: RolloutCommand,
  run: RunCommand,
  scale: ScaleCommand,
  start: StartCommand,
  status: StatusCommand,
  stop: StopCommand,
  up: UpCommand,
  validate: ValidateCommand,
  wait: WaitCommand,
}
