/**
 * What makes a shell complete command lines. Each script asks the program on PATH with the words that are there, so it
 * is right for every version; the program itself in the current directory is never run by a key.
 *
 * The answer is a line for each word, with what it is for behind a tab; then `:files`, `:directories` or `:none` for
 * what else may stand there.
 */

/** Shells by the names of their programs. */
export const shells = ['bash', 'zsh', 'fish', 'powershell'] as const
export type Shell = (typeof shells)[number]

/** The first line, for `~/.bashrc`: bash 3.2, which macOS has, reads no script from `<(...)`. */
const bash = String.raw`# eval "$(abi3lint completions bash)"
_abi3lint() {
  local current=${'$'}{COMP_WORDS[COMP_CWORD]} line
  [ "$current" = = ] && current=
  COMPREPLY=()
  while IFS= read -r line; do
    case $line in
      :files) compopt -o filenames 2>/dev/null
        while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "$current") ;;
      :directories) compopt -o filenames 2>/dev/null
        while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -d -- "$current") ;;
      :none) ;;
      *) COMPREPLY+=("${'$'}{line%%$'\t'*}") ;;
    esac
  done < <(command abi3lint completions bash -- "${'$'}{COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _abi3lint abi3lint
`

const zsh = String.raw`#compdef abi3lint
# source <(abi3lint completions zsh)   or, in a directory of $fpath: abi3lint completions zsh > _abi3lint
_abi3lint() {
  local line kind=:none
  local -a described
  for line in "${'$'}{(@f)$(command abi3lint completions zsh -- "${'$'}{(@Q)words[2,CURRENT]}" 2>/dev/null)}"; do
    if [[ $line == :* ]]; then kind=$line
    elif [[ -n $line ]]; then
      line=${'$'}{line//:/\\:}
      described+=("${'$'}{line/$'\t'/:}")
    fi
  done
  (( $#described )) && _describe -t words word described
  [[ $kind == :none ]] && return
  compset -P '*='
  if [[ $kind == :files ]]; then _files; else _files -/; fi
}
if [[ $funcstack[1] == _abi3lint ]]; then _abi3lint "$@"; else compdef _abi3lint abi3lint; fi
`

const fish = String.raw`# abi3lint completions fish | source
function __abi3lint_complete
    set -l before (commandline --tokenize --cut-at-cursor --current-process)
    set -l current (commandline --cut-at-cursor --current-token)
    for line in (command abi3lint completions fish -- $before[2..-1] "$current" 2>/dev/null)
        switch $line
            case :files
                # Of sarif=report.sarif the path is what stands behind the sign.
                set -l path (string replace --regex '^.*=' '' -- "$current")
                set -l before (string replace --regex '[^=]*$' '' -- "$current")
                string replace --regex '^' "$before" -- (__fish_complete_path "$path")
            case :directories
                __fish_complete_directories $current ''
            case :none
            case '*'
                echo $line
        end
    end
end
complete --command abi3lint --no-files --arguments '(__abi3lint_complete)'
`

/**
 * PowerShell leaves empty words out of what it hands on: the last word ends with a dot of its own. Of npm's starters it
 * takes abi3lint.cmd: from a script of its own it would keep the `--`.
 */
const powershell = String.raw`# abi3lint completions powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName abi3lint -ScriptBlock {
    param($word, $ast, $position)
    $program = Get-Command abi3lint -CommandType Application -ErrorAction SilentlyContinue | Select-Object -First 1
    if (-not $program) { return }
    $before = @($ast.CommandElements | Select-Object -Skip 1 |
        Where-Object { $_.Extent.EndOffset -lt $position } | ForEach-Object { $_.Extent.Text })
    & $program completions powershell -- @before "$word." 2>$null | ForEach-Object {
        $text, $description = $_ -split ${'"`t"'}, 2
        if ($text -in ':files', ':directories') {
            Get-ChildItem -Path "$word*" -Directory:($text -eq ':directories') -ErrorAction SilentlyContinue |
                ForEach-Object {
                    $path = Resolve-Path -Relative $_.FullName
                    $shown = if ($path -match '[^\w./\\:-]') { "'$($path -replace "'", "''")'" } else { $path }
                    [System.Management.Automation.CompletionResult]::new($shown, $_.Name, 'ProviderItem', $path)
                }
        } elseif ($text -ne ':none') {
            if (-not $description) { $description = $text }
            [System.Management.Automation.CompletionResult]::new($text, $text, 'ParameterValue', $description)
        }
    }
}
`

/** The script for each shell, with how to load it in its first lines. */
export const scripts: Readonly<Record<Shell, string>> = { bash, zsh, fish, powershell }
