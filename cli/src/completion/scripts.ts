/**
 * The completion scripts of shells. Commands, flags and kinds stand in them, so that no program is started for these;
 * names of objects are asked for with the hidden command `orc __complete`. Pure.
 */
import { ARGUMENTS, SHELLS, type CommandWords, type Flag } from './grammar.ts'

export interface ScriptWords {
  readonly commands: readonly CommandWords[]
  readonly kinds: readonly string[]
}

const namesOf = (flags: readonly Flag[]): readonly string[] => [...new Set(flags.flatMap(({ names }) => names))]

export function bashScript({ commands, kinds }: ScriptWords): string {
  const withValue = namesOf(commands.flatMap(({ flags }) => flags.filter(({ takesValue }) => takesValue)))
  const flagCases = commands.map(({ name, flags }) => `    ${name}) echo "${namesOf(flags).join(' ')}" ;;`)
  return `# Completion of orc for bash. In ~/.bashrc: source <(orc completion bash)
_orc_flags() {
  case "$1" in
${flagCases.join('\n')}
  esac
}

_orc_names() {
  orc __complete "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null
}

_orc() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" command="" count=0 skip="" word i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    # bash takes --flag=value for three words.
    if [[ "$word" == "=" ]]; then skip=1; continue; fi
    if [[ -n "$skip" ]]; then skip=""; continue; fi
    case "$word" in
    ${withValue.join('|')}) skip=1 ;;
    -*) ;;
    *) if [[ -z "$command" ]]; then command="$word"; else count=$((count + 1)); fi ;;
    esac
  done
  local words=""
  if [[ -n "$skip" ]]; then
    case "$word" in
    -n|--namespace) words="$(_orc_names)" ;;
    esac
  elif [[ -z "$command" ]]; then
    words="${commands.map(({ name }) => name).join(' ')}"
  elif [[ "$cur" == -* ]]; then
    words="$(_orc_flags "$command")"
  else
    case "$command" in
    ${ARGUMENTS.shells.join('|')}) words="${SHELLS.join(' ')}" ;;
    ${ARGUMENTS.objects.join('|')})
      if [[ $count -eq 0 && "$cur" != */* ]]; then words="${kinds.join(' ')}"; else words="$(_orc_names)"; fi ;;
    ${[...ARGUMENTS.services, ...ARGUMENTS.rollouts].join('|')}) words="$(_orc_names)" ;;
    esac
  fi
  # Names hold no spaces.
  while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -W "$words" -- "$cur")
}

complete -o default -F _orc orc
`
}

/** zsh runs completions of bash; one script less that can be wrong. */
export function zshScript(words: ScriptWords): string {
  return `#compdef orc
# Completion of orc for zsh. In ~/.zshrc, after compinit: source <(orc completion zsh)
autoload -U +X bashcompinit && bashcompinit
${bashScript(words).replace(/^#.*\n/, '')}`
}

export function fishScript({ commands, kinds }: ScriptWords): string {
  const lines = commands.flatMap(({ name, summary, flags }) => [
    `complete -c orc -n __fish_use_subcommand -f -a ${name} -d ${quoted(summary)}`,
    ...flags.map((flag) => fishFlag(name, flag)),
  ])
  const seen = (names: readonly string[]): string => `'__fish_seen_subcommand_from ${names.join(' ')}'`
  return `# Completion of orc for fish. orc completion fish > ~/.config/fish/completions/orc.fish
function __orc_names
  set -l words (commandline -opc) (commandline -ct)
  orc __complete $words[2..] 2>/dev/null
end
${lines.join('\n')}
complete -c orc -n ${seen(ARGUMENTS.objects)} -f -a ${quoted(kinds.join(' '))}
complete -c orc -n ${seen([...ARGUMENTS.objects, ...ARGUMENTS.services, ...ARGUMENTS.rollouts])} -f -a '(__orc_names)'
complete -c orc -n ${seen(ARGUMENTS.shells)} -f -a ${quoted(SHELLS.join(' '))}
`
}

function fishFlag(command: string, { names, takesValue, description }: Flag): string {
  const options = names.map((name) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`))
  const value = takesValue ? ' -r' : ''
  return `complete -c orc -n '__fish_seen_subcommand_from ${command}' ${options.join(' ')}${value} -d ${quoted(description)}`
}

function quoted(text: string): string {
  return `'${text.replaceAll(/[\\']/g, (sign) => `\\${sign}`)}'`
}
