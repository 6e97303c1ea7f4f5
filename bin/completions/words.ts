import type { Command, Option } from 'commander'

/** What a word of a command line may be, as the tree of commands says. */

/** A word, and what it is for. */
export interface Candidate {
  readonly word: string
  readonly description: string
}

/** A value of an option, or an argument. */
export interface Slot {
  /** The name of the command. */
  readonly command: string
  /** What the help calls it: `rules` of `--select <rules>`, `paths` of `[paths...]`. */
  readonly name: string
  readonly description: string
  /** All that it may be, where the tree says so. */
  readonly choices: readonly string[] | null
}

/** What is asked for at the end of a command line. */
export interface Question {
  /** What has been written of it. */
  readonly current: string
  /** Commands and options that it may be. */
  readonly candidates: readonly Candidate[]
  /** The value that it may be; null for none. */
  readonly slot: Slot | null
  /** Where in the last word `current` begins. */
  readonly start: number
}

/**
 * Reads a command line up to the word that is to be completed.
 * @param program the tree of commands
 * @param usual the command that is meant where none is named
 * @param words behind the name of the program; the last is the one to complete, empty where nothing of it is there
 */
export function questionOf(program: Command, usual: string, words: readonly string[]): Question {
  const last = words.at(-1) ?? ''
  const named = (name: string): Command | undefined => program.commands.find((each) => each.name() === name)
  let command: Command | null = null
  let position = 0
  let pending: Option | null = null
  let isOver = false
  for (const word of words.slice(0, -1)) {
    if (pending !== null) pending = null
    else if (!isOver && word === '--') isOver = true
    else if (!isOver && word.startsWith('-') && word !== '-')
      pending = awaiting(word, optionsOf(program, command, usual))
    else if (command === null && named(word) !== undefined) command = named(word)!
    else {
      command ??= named(usual)!
      position++
    }
  }
  const meant = command ?? named(usual)!
  const options = optionsOf(program, command, usual)
  if (pending !== null) return asked(last, 0, [], slotOf(meant, pending))
  const [, long, value] = /^(--[^=]+)=([\s\S]*)$/.exec(last) ?? []
  if (!isOver && long !== undefined) {
    const option = options.find((each) => each.long === long && takesValue(each))
    return asked(value!, last.length - value!.length, [], option ? slotOf(meant, option) : null)
  }
  if (!isOver && last.startsWith('-')) {
    const list = options.flatMap(({ long: word, description }) => (word ? [{ word, description }] : []))
    return asked(last, 0, list, null)
  }
  const commands = command === null && position === 0 && !isOver ? commandsOf(program) : []
  return asked(last, 0, commands, argumentOf(meant, position))
}

/** The words that begin as what is there. */
export const beginningWith = (current: string, candidates: readonly Candidate[]): readonly Candidate[] =>
  candidates.filter(({ word }) => word.startsWith(current))

const asked = (current: string, start: number, all: readonly Candidate[], slot: Slot | null): Question => ({
  current,
  candidates: beginningWith(current, all),
  slot,
  start,
})

const takesValue = (option: Option): boolean => option.required || option.optional

/** Those of a command and of the program; where no command is named yet, of the usual one. */
function optionsOf(program: Command, command: Command | null, usual: string): readonly Option[] {
  const own = command ?? program.commands.find((each) => each.name() === usual)!
  const help = own.createHelp()
  // What is said of the program itself comes before the commands.
  const general = command === null ? help.visibleOptions(program) : program.options.filter((each) => !isVersion(each))
  const all = [...help.visibleOptions(own), ...general]
  return all.filter((each, index) => all.findIndex(({ long }) => long === each.long) === index)
}

const isVersion = ({ long }: Option): boolean => long === '--version'

/** The option whose value is the next word; null where a word has it all. */
function awaiting(word: string, options: readonly Option[]): Option | null {
  const option = options.find(({ short, long }) => short === word || long === word)
  return option && takesValue(option) ? option : null
}

const commandsOf = (program: Command): readonly Candidate[] =>
  program
    .createHelp()
    .visibleCommands(program)
    .map((each) => ({ word: each.name(), description: each.description() }))

const slotOf = (command: Command, { flags, description, argChoices }: Option): Slot => ({
  command: command.name(),
  name: /<(.*)>/.exec(flags)?.[1] ?? '',
  description,
  choices: argChoices ?? null,
})

function argumentOf(command: Command, position: number): Slot | null {
  const all = command.registeredArguments
  const argument = all[position] ?? (all.at(-1)?.variadic ? all.at(-1) : undefined)
  if (argument === undefined) return null
  const { description, argChoices } = argument
  return { command: command.name(), name: argument.name(), description, choices: argChoices ?? null }
}
