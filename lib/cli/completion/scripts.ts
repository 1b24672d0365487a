import type { Shell } from "./typed-line.ts";

// They ask the program as it was called: none of them knows a command or an option. Nothing of the line is run or expanded.

const BASH = `# Completion of ovn-northbound for bash, version 4.4 or newer.
_ovn_northbound() {
  local typed=\${COMP_LINE:0:COMP_POINT} answer=()
  COMPREPLY=()
  # So that an alias and ~ are understood, and nothing else is.
  [[ $1 =~ ^[[:alnum:]_./~+-]+$ ]] || return 0
  mapfile -t answer < <(eval "$1"' __complete bash "$typed" "$COMP_WORDBREAKS"' 2>/dev/null </dev/null)
  [ "\${#answer[@]}" -gt 0 ] || return 0
  case \${answer[-1]} in
    :files) compopt -o default ;;
    :folders) compopt -o filenames -o dirnames ;;
    :) COMPREPLY=("\${answer[@]:0:\${#answer[@]}-1}") ;;
  esac
}
complete -F _ovn_northbound ovn-northbound
`;

const ZSH = `#compdef ovn-northbound
compdef _ovn_northbound ovn-northbound
# Completion of ovn-northbound for zsh.
_ovn_northbound() {
  local line typed="\${(j: :)words[1,CURRENT-1]} $QIPREFIX$PREFIX"
  local -a answer found shown line_words=("\${(@z)LBUFFER}")
  # Variables that are set before the command, on the same line: zsh keeps them to itself.
  local -i at=$(( $#line_words - CURRENT + 1 ))
  [[ -n $QIPREFIX$PREFIX ]] || at+=1
  if [[ $line_words[at] == "$words[1]" ]]; then
    while (( --at > 0 )) && [[ $line_words[at] == [[:alpha:]_]*=* ]]; do typed="$line_words[at] $typed"; done
  fi
  answer=("\${(@f)$(\${~\${(Q)words[1]}} __complete zsh "$typed" 2>/dev/null </dev/null)}")
  case $answer[-1] in
    (:files) compset -P '-*='; _files ;;
    (:folders) compset -P '-*='; _files -/ ;;
    (:)
      for line in "\${(@)answer[1,-2]}"; do
        found+=("\${line%%$'\\t'*}")
        shown+=("\${line/$'\\t'/  -- }")
      done
      compadd -l -d shown -a found ;;
  esac
}
# Not while it is sourced: then it is only defined.
if [ "$funcstack[1]" = _ovn_northbound ]; then _ovn_northbound; fi
`;

const FISH = `# Completion of ovn-northbound for fish, version 3.4 or newer.
function __ovn_northbound_complete
    set -l tokens (string match -vr -- '^\\w+=' (commandline -opc))
    set -l answer ($tokens[1] __complete fish (commandline -cp | string collect) 2>/dev/null </dev/null)
    set -l token (commandline -ct)
    set -l flag (string match -r -- '^-[^=]*=' $token)
    set -l value (string replace -r -- '^-[^=]*=' '' $token)
    switch "$answer[-1]"
        case :files
            for path in (__fish_complete_path "$value")
                echo "$flag$path"
            end
        case :folders
            for path in (__fish_complete_directories "$value")
                echo "$flag$path"
            end
        case :
            set -e answer[-1]
            string join -- \\n $answer
    end
end
complete -c ovn-northbound -e
complete -c ovn-northbound -f -a '(__ovn_northbound_complete)'
`;

/** What a shell reads to complete the command; each asks the program itself for the words. */
export const SCRIPTS: Readonly<Record<Shell, string>> = { bash: BASH, zsh: ZSH, fish: FISH };
