/** What all commands that talk to the controller have in common: how it is found, and the namespace. */
import { DEFAULT_NAMESPACE } from '@orc/schemas'
import { Command, Option } from 'clipanion'
import { connect, type Connection } from './connection.ts'
import type { OrcContext } from './orc-context.ts'

export abstract class ApiCommand extends Command<OrcContext> {
  /** The arguments, as the usage line shows them. */
  static synopsis = ''

  kubeconfig = Option.String('--kubeconfig', {
    description: 'file with server and token (ORC_KUBECONFIG, default: in the state directory)',
  })
  stateDir = Option.String('--state-dir', {
    description: 'state directory (ORC_STATE_DIR, default: .orc here or above)',
  })

  protected connect(): Promise<Connection> {
    return connect({ kubeconfig: this.kubeconfig, stateDir: this.stateDir }, this.context)
  }
}

export abstract class NamespacedCommand extends ApiCommand {
  namespace = Option.String('-n,--namespace', DEFAULT_NAMESPACE, { description: 'namespace (default: default)' })
}
