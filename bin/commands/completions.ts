import type { Command } from 'commander'
import { newest, oldest, showVersion } from '../../analyzer/knowledge/version.ts'
import { formats } from '../../reports/index.ts'
import { type Shell, scripts } from '../completions/scripts.ts'
import { beginningWith, type Candidate, questionOf, type Slot } from '../completions/words.ts'

/**
 * `abi3lint completions`: the script that makes a shell complete command lines; or, for that script, the words that the
 * last one of a command line may be.
 * @param words behind the name of the program, the last of which is completed; empty for the script
 * @returns what goes to stdout
 */
export async function completions(program: Command, shell: Shell, words: readonly string[]): Promise<string> {
  if (words.length === 0) return scripts[shell]
  const { line, cut } = shell === 'bash' ? joined(words) : { line: words, cut: 0 }
  const whole = shell === 'powershell' ? [...line.slice(0, -1), line.at(-1)!.replace(/\.$/, '')] : line
  const { current, candidates, slot, start } = questionOf(program, 'check', whole)
  const { listed, paths, before } = slot === null ? nothing : await valuesOf(slot, current)
  const prefix = whole.at(-1)!.slice(0, start + before)
  const values = beginningWith(current.slice(before), listed)
  const all = [...candidates, ...values.map((each) => ({ ...each, word: prefix + each.word }))]
  const lines = all.map(({ word, description }) => `${word.slice(cut)}\t${description.replace(/\s+/g, ' ')}\n`)
  return `${lines.join('')}:${paths}\n`
}

/**
 * The words of bash, which divides them at `=`, put together again.
 * @returns where in the last word that part begins which bash takes for all of it
 */
function joined(words: readonly string[]): { readonly line: readonly string[]; readonly cut: number } {
  const line: string[] = []
  let isOpen = false
  let cut = 0
  for (const word of words) {
    const goesOn = line.length > 0 && (word === '=' || (isOpen && word !== ''))
    isOpen = word === '='
    cut = goesOn ? line.at(-1)!.length + (isOpen ? 1 : 0) : 0
    if (goesOn) line.push(line.pop()! + word)
    else line.push(word)
  }
  return { line, cut }
}

/** What may stand for a value. */
interface Values {
  readonly listed: readonly Candidate[]
  readonly paths: 'none' | 'files' | 'directories'
  /** So much of what is written is not part of it: other values before a comma. */
  readonly before: number
}

const nothing: Values = { listed: [], paths: 'none', before: 0 }
const plain = (words: Iterable<string>): readonly Candidate[] => [...words].map((word) => ({ word, description: '' }))

/** The values of options and arguments, by what the help calls them. */
async function valuesOf(slot: Slot, current: string): Promise<Values> {
  const list = (listed: readonly Candidate[]): Values => ({ ...nothing, listed })
  const withCommas = (listed: readonly Candidate[]): Values => ({
    ...list(listed),
    before: current.lastIndexOf(',') + 1,
  })
  if (slot.choices !== null) return list(plain(slot.choices))
  switch (slot.name) {
    case 'directory':
      return { ...nothing, paths: 'directories' }
    case 'file':
    case 'paths':
    case 'command':
      return { ...nothing, paths: 'files' }
    case 'version':
      return withCommas(plain(versions(slot.description.includes('abi3t'))))
    case 'rules':
      return withCommas(await rulesAndProfiles())
    case 'format[=path]':
      if (/=[^,]*$/.test(current)) return { ...nothing, paths: 'files' }
      return withCommas(plain(Object.keys(formats)))
    case 'n':
      return list(plain(['auto']))
    case 'name':
      return slot.command === 'explain' ? list([...(await rulesAndProfiles()), ...plain(await namesOfApi())]) : nothing
    case 'names':
      return slot.command === 'shims' ? list(await shimNames()) : nothing
  }
  return nothing
}

/** Newest first: from there people choose. */
const versions = (withAbi3t: boolean): readonly string[] => [
  ...Array.from({ length: newest - oldest + 1 }, (_, index) => showVersion(newest - index)),
  ...(withAbi3t ? ['abi3t'] : []),
]

async function rulesAndProfiles(): Promise<readonly Candidate[]> {
  const { rules } = await import('../../rules/index.ts')
  const { profiles } = await import('../../rules/profiles.ts')
  return [...profiles, ...rules].map(({ name, summary }) => ({ word: name, description: summary }))
}

async function namesOfApi(): Promise<Iterable<string>> {
  const { readAsset } = await import('../../analyzer/store/assets.ts')
  const { loadApi } = await import('../../analyzer/workspace/assets.ts')
  return (await loadApi(readAsset)).names()
}

async function shimNames(): Promise<readonly Candidate[]> {
  const { shimList } = await import('../../rules/shims/index.ts')
  return plain(shimList.flatMap(({ provides, replaces }) => [...provides, ...replaces]))
}
