/** `orc rollout`: how a new revision replaces the old one, and the way back. */
import { RESOURCES, type AgentService } from '@orc/schemas'
import { ApiError, type OrcClient } from '@orc/sdk/client'
import { Command, Option, UsageError } from 'clipanion'
import { Failure } from '../failure.ts'
import { notFound } from '../not-found.ts'
import { parseCount, parseDuration } from '../numbers.ts'
import { write } from '../output.ts'
import { colorsOf } from '../printers/colors.ts'
import { ROLLOUT_VERBS } from '../rollout/verbs.ts'
import { parseServiceName, referenceOf, withoutKind } from '../selection.ts'
import { ServiceCommand } from '../service-command.ts'
import { restartOf, restartedSentence } from './restart.ts'

type RolloutVerb = (typeof ROLLOUT_VERBS)[number]

export class RolloutCommand extends ServiceCommand {
  static override paths = [['rollout']]
  static override synopsis = `${ROLLOUT_VERBS.join('|')} NAME [options]`
  static override usage = Command.Usage({
    details: `
      \`status\` waits until the rollout is complete; exit code 1 and the reason when it fails, is taken back, is paused
      or takes longer than \`--timeout\`. \`history\` lists the revisions, and what each changed; with \`--revision\` one
      of them. \`undo\` writes what an earlier revision ran into the manifest: without \`--to-revision\` what runs
      instead of a revision that failed, else the newest other one that worked. \`pause\` and \`resume\` set
      \`spec.updateStrategy.paused\`. \`restart\` is \`orc restart\`.
    `,
    examples: [
      ['Wait until a change is everywhere', 'orc rollout status web --timeout 2m'],
      ['What ran before', 'orc rollout history web'],
      ['Make the manifest say what worked', 'orc rollout undo web'],
      ['Collect several changes, then replace once', 'orc rollout pause web'],
    ],
  })

  timeout = Option.String('--timeout', { description: 'status: how long to wait (default 0: until it is over)' })
  revision = Option.String('--revision', { description: 'history: all about this revision' })
  toRevision = Option.String('--to-revision', { description: 'undo: the revision to return to' })
  verb = Option.String({ name: 'VERB', required: true })
  words = Option.Rest({ name: 'NAME', required: 1 })

  override execute(): Promise<number> {
    const verb = this.#verb()
    const names = withoutKind(this.words)
    switch (verb) {
      case 'pause':
      case 'resume':
        return this.#setPaused(names, verb === 'pause')
      case 'restart':
        return this.patchEach(names, restartOf(this.context.nowMs()), restartedSentence)
      default:
        return this.#withOne(verb, names)
    }
  }

  #verb(): RolloutVerb {
    const verb = ROLLOUT_VERBS.find((each) => each === this.verb)
    if (verb === undefined)
      throw new UsageError(
        `the first argument must be one of ${ROLLOUT_VERBS.join(', ')}; got ${JSON.stringify(this.verb)}`,
      )
    const options = [
      ['--timeout', this.timeout, 'status'],
      ['--revision', this.revision, 'history'],
      ['--to-revision', this.toRevision, 'undo'],
    ] as const
    for (const [option, value, owner] of options)
      if (value !== undefined && owner !== verb) throw new UsageError(`${option} goes with "orc rollout ${owner}"`)
    return verb
  }

  async #withOne(verb: RolloutVerb, names: readonly string[]): Promise<number> {
    const [word = '', ...more] = names
    if (more.length > 0) throw new UsageError(`"orc rollout ${verb}" is for one service at a time`)
    const timeoutMs = /^0[smhd]?$/.test(this.timeout ?? '0') ? 0 : parseDuration('--timeout', this.timeout ?? '')
    const revision = revisionNumber('--revision', this.revision)
    const wanted = revisionNumber('--to-revision', this.toRevision)
    const { client } = await this.connect()
    const service = await this.#read(client, parseServiceName(word))
    if (verb === 'status') {
      const { followRollout } = await import('../rollout/status.ts')
      return followRollout({ client, service, timeoutMs }, this.context)
    }
    if (verb === 'history') return this.#history(client, service, revision)
    const { undo } = await import('../rollout/undo.ts')
    await undo(client, { service, wanted }, this.context)
    return 0
  }

  async #read(client: OrcClient, name: string): Promise<AgentService> {
    try {
      return await client.get<AgentService>(RESOURCES.agentservices, name, this.namespace)
    } catch (error) {
      if (!(error instanceof ApiError && error.code === 404)) throw error
      throw new Failure(await notFound(client, name, this.namespace), { cause: error })
    }
  }

  async #history(client: OrcClient, service: AgentService, wanted: number | undefined): Promise<number> {
    const { formatHistory, revisionsOf } = await import('../rollout/history.ts')
    const revisions = await revisionsOf(client, service)
    const reference = referenceOf(RESOURCES.agentservices, service.metadata.name)
    if (wanted === undefined) {
      const table = formatHistory(revisions, this.context.nowMs(), colorsOf(this.context))
      const text = revisions.length === 0 ? 'No rollout history found.\n' : table
      await write(this.context.stdout, `${reference}\n${text}`)
      return 0
    }
    const found = revisions.find(({ revision }) => revision === wanted)
    if (found === undefined) throw new Failure('unable to find the specified revision')
    const { toYaml } = await import('../yaml.ts')
    await write(this.context.stdout, `${reference} with revision #${String(wanted)}\n${toYaml(found.data.spec)}`)
    return 0
  }

  async #setPaused(names: readonly string[], paused: boolean): Promise<number> {
    const { client } = await this.connect()
    let failures = 0
    for (const word of names) {
      const name = parseServiceName(word)
      const before = await client
        .get<AgentService>(RESOURCES.agentservices, name, this.namespace)
        .catch(() => undefined)
      const isPaused = before?.spec.updateStrategy?.paused === true
      if (before !== undefined && isPaused === paused) {
        this.context.stderr.write(`error: agentservices.orc.dev "${name}" is ${paused ? 'already' : 'not'} paused\n`)
        failures += 1
        continue
      }
      const patch = { spec: { updateStrategy: { paused: paused ? true : null } } }
      failures += await this.patchEach([name], patch, (reference) => `${reference} ${paused ? 'paused' : 'resumed'}`)
    }
    return failures > 0 ? 1 : 0
  }
}

function revisionNumber(option: string, text: string | undefined): number | undefined {
  return text === undefined ? undefined : parseCount(option, text)
}
