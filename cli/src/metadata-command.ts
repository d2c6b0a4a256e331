/** What `label` and `annotate` have in common: all but the field that they change. */
import { Option, UsageError } from 'clipanion'
import { NamespacedCommand } from './api-command.ts'
import { explain } from './failure.ts'
import { fetchSelection } from './get/fetch.ts'
import { splitChanges, type MetadataField, type Split } from './metadata/changes.ts'
import { write } from './output.ts'
import { parseSelection, type Selection } from './selection.ts'

export abstract class MetadataCommand extends NamespacedCommand {
  static override synopsis = 'KIND NAME...|KIND/NAME...|KIND -l SELECTOR|KIND --all KEY=VALUE|KEY-... [options]'

  overwrite = Option.Boolean('--overwrite', false, { description: 'also change what has another value' })
  list = Option.Boolean('--list', false, { description: 'show what there is' })
  all = Option.Boolean('--all', false, { description: 'of all objects of the kind' })
  selector = Option.String('-l,--selector', { description: 'of objects with these labels (key=value,key,!key)' })
  fieldSelector = Option.String('--field-selector', { description: 'of objects with these fields' })
  allNamespaces = Option.Boolean('-A,--all-namespaces', false, { description: 'of all namespaces' })
  words = Option.Rest({ name: 'KIND NAME', required: 1 })

  protected async change(field: MetadataField): Promise<number> {
    const noun = field.slice(0, -1)
    const split = splitChanges(this.words, noun)
    const selections = this.#selections(split, noun)
    const { client } = await this.connect()
    const scope = {
      namespace: this.allNamespaces ? undefined : this.namespace,
      labelSelector: this.selector,
      fieldSelector: this.fieldSelector,
    }
    const fetched = await Promise.all(selections.map((selection) => fetchSelection(client, selection, scope)))
    const { stdout, stderr } = this.context
    const errors = fetched.flatMap((each) => each.errors)
    for (const error of errors) stderr.write(`error: ${explain(error).text}\n`)
    if (errors.length === 0 && fetched.every(({ items }) => items.length === 0)) {
      stderr.write('error: no matching resources found\n')
      return 1
    }
    const { applyChanges, listMetadata } = await import('./metadata/apply-changes.ts')
    const { changes } = split
    const request = { client, field, changes, overwrite: this.overwrite, context: this.context }
    const failures = Object.keys(changes).length === 0 ? 0 : await applyChanges(request, fetched)
    if (this.list) await write(stdout, listMetadata(field, fetched))
    return errors.length + failures > 0 ? 1 : 0
  }

  #selections({ words, changes }: Split, noun: string): readonly Selection[] {
    if (Object.keys(changes).length === 0 && !this.list) throw new UsageError(`at least one ${noun} update is required`)
    if (Object.keys(changes).length > 0 && this.list) throw new UsageError('give either changes or --list, not both')
    if (words.length === 0)
      throw new UsageError(`name the objects before the ${noun} changes: KIND NAME, or KIND --all`)
    const selections = parseSelection(words, 'Guess')
    const isSelecting = this.all || this.selector !== undefined || this.fieldSelector !== undefined
    const [nameless] = selections.filter(({ names }) => names.length === 0)
    if (nameless !== undefined && !isSelecting)
      throw new UsageError(`name the ${nameless.resource.plural}, or select them with -l or --all`)
    if (nameless === undefined && (isSelecting || this.allNamespaces))
      throw new UsageError('give either names or a selector, not both')
    return selections
  }
}
