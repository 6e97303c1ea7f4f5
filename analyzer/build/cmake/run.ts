import posix from 'path-browserify'
import { addAll } from '../../source/lists.ts'
import type { BuildFile } from '../build-file.ts'
import { known, notKnown } from '../built-modules.ts'
import { levelOf, readLevel } from '../level-value.ts'
import { type CmakeCommand, cmakeCommands } from './syntax.ts'
import { type CmakeTarget, libraryOf, linksPython, makesModule, moduleOf, setProperties } from './targets.ts'
import { type CmakeEnvironment, CmakeVariables, joinedValue } from './variables.ts'

export type { CmakeEnvironment } from './variables.ts'

/** What the files of CMake make. */
export interface CmakeReading {
  readonly targets: readonly CmakeTarget[]
  /** Where targets are installed, relative to the directory of Python modules; null where that is not known. */
  readonly places: ReadonlyMap<string, string | null>
  /** Why there may be other modules; null where there are none. */
  readonly others: string | null
}

/** Commands that are read, and functions that are called in each other. */
const mostCommands = 50_000
const deepest = 20

/** Reads what CMake would do with a file: as it would be run, but that no file is read and no program started. */
export function readCmake(path: string, environment: CmakeEnvironment): CmakeReading {
  const reader = new Runner(environment)
  reader.enter(path, posix.dirname(path))
  return reader
}

class Runner extends CmakeVariables implements CmakeReading {
  readonly places = new Map<string, string | null>()
  others: string | null = null
  private readonly functions = new Map<string, { command: CmakeCommand; isMacro: boolean }>()
  /** Libraries that nobody links to: `MODULE`. */
  private readonly plugins = new Set<string>()
  private hasSabiModule = false
  private steps = 0
  private depth = 0
  private file!: BuildFile
  private directory = '.'
  private readonly definitions: string[] = []

  /** Runs a file. @param directory that it counts as being in */
  enter(path: string, directory: string): void {
    const file = this.environment.file(path)
    if (file === null || this.depth > deepest) {
      this.others ??= `\`${path}\``
      return
    }
    const before = [this.file, this.directory] as const
    this.file = file
    this.directory = directory
    this.depth++
    if (this.depth === 1) this.variables.set('CMAKE_SOURCE_DIR', shownDirectory(directory))
    this.variables.set('CMAKE_CURRENT_SOURCE_DIR', shownDirectory(directory))
    this.variables.set('CMAKE_CURRENT_LIST_DIR', shownDirectory(posix.dirname(path)))
    this.run(cmakeCommands(file))
    this.depth--
    ;[this.file, this.directory] = before
    this.variables.set('CMAKE_CURRENT_SOURCE_DIR', shownDirectory(this.directory))
    if (this.file) this.variables.set('CMAKE_CURRENT_LIST_DIR', shownDirectory(posix.dirname(this.file.path)))
  }

  private run(commands: readonly CmakeCommand[]): boolean {
    for (const command of commands) {
      if (++this.steps > mostCommands) this.others ??= 'too much for the reader of build scripts'
      if (this.steps > mostCommands || this.command(command)) return true
    }
    return false
  }

  /** Runs a command. @returns whether it leaves the file or the function */
  private command(command: CmakeCommand): boolean {
    const { name } = command
    switch (name) {
      case 'if':
        return this.branch(command)
      case 'foreach':
        return this.loop(command)
      case 'while':
      case 'block':
        return this.run(command.body)
      case 'function':
      case 'macro': {
        const called = command.args[0]?.text.toLowerCase()
        if (called !== undefined) this.functions.set(called, { command, isMacro: name === 'macro' })
        return false
      }
      case 'return':
        return this.doubt === null
      default:
        this.plain(command, this.arguments(command))
        return false
    }
  }

  private branch(command: CmakeCommand): boolean {
    for (let at: CmakeCommand | null = command; at !== null; at = at.otherwise) {
      const test = at.name === 'else' ? true : this.truth(at)
      if (test === true) return this.run(at.body)
      if (test === false) continue
      // What ends the build is none of one that works.
      if (at.body.some(({ name, args }) => name === 'message' && /^(?:FATAL|SEND)_ERROR$/.test(args[0]?.text ?? '')))
        continue
      const before = this.doubt
      this.doubt ??= shownTest(at)
      this.run(at.body)
      if (at.otherwise) this.branch({ ...at.otherwise, name: at.otherwise.name })
      this.doubt = before
      return false
    }
    return false
  }

  private loop(command: CmakeCommand): boolean {
    const [variable, ...words] = this.arguments(command)
    if (variable == null) return false
    for (const item of this.loopItems(words)) {
      this.set(variable, item)
      if (this.run(command.body)) return true
    }
    return false
  }

  private plain(command: CmakeCommand, args: readonly (string | null)[]): void {
    const { name } = command
    const own = this.functions.get(name)
    if (own) this.call(own.command, own.isMacro, args)
    else if (makesModule(name)) this.make(command, args)
    else this.builtin(command, args)
  }

  private call(command: CmakeCommand, isMacro: boolean, args: readonly (string | null)[]): void {
    if (this.depth > deepest) return
    const before = this.variables
    if (!isMacro) this.variables = new Map(before)
    this.bind(command, args)
    this.depth++
    this.run(command.body)
    this.depth--
    if (!isMacro) this.variables = before
  }

  private builtin(command: CmakeCommand, args: readonly (string | null)[]): void {
    const [first, ...rest] = args
    switch (command.name) {
      case 'set':
        if (first != null) this.set(first, joinedValue(rest))
        return
      case 'unset':
        if (first != null) this.variables.delete(first)
        return
      case 'option':
        if (first != null && !this.variables.has(first)) this.set(first, rest[1] ?? 'OFF')
        return
      case 'list':
        if (first === 'APPEND' && rest[0] != null) this.extend(rest[0], rest.slice(1))
        else for (const each of rest) if (each !== null) this.forget(each)
        return
      case 'project':
        if (first != null) for (const each of ['PROJECT_NAME', 'CMAKE_PROJECT_NAME']) this.set(each, first)
        this.set('PROJECT_SOURCE_DIR', shownDirectory(this.directory))
        return
      case 'add_library':
        this.library(command, args)
        return
      case 'target_link_libraries':
        for (const each of this.targets) if (each.target === first && linksPython(rest)) each.isModule = true
        return
      case 'find_package':
        this.foundPython(first)
        this.hasSabiModule ||= args.includes('Development.SABIModule')
        if (first != null && args.includes('REQUIRED')) this.set(`${first}_FOUND`, '1')
        return
      case 'add_subdirectory':
        if (first == null) this.others ??= '`add_subdirectory`'
        else this.enterBelow(first)
        return
      case 'include':
        // What is no file of the project comes with CMake, or with a package.
        if (first?.endsWith('.cmake')) this.include(first)
        return
      case 'install':
        install(this.places, args)
        return
      case 'cmake_parse_arguments':
        this.parse(args)
        return
      case 'string':
        this.string(args)
        return
      case 'set_property':
        if (first === 'GLOBAL' && rest[1] != null) this.set(`GLOBAL ${rest[1]}`, joinedValue(rest.slice(2)))
        return
      case 'get_property':
        if (first != null)
          this.set(first, rest[0] === 'GLOBAL' ? (this.variables.get(`GLOBAL ${rest[2]}`) ?? null) : null)
        return
      case 'message':
      case 'cmake_minimum_required':
        return
      default:
        this.properties(command, args)
    }
  }

  /** Paths in variables begin with the directory of the project. */
  private enterBelow(path: string): void {
    const isWhole = /^\.(?:\/|$)/.test(path)
    const directory = posix.normalize(isWhole ? path : posix.join(this.directory, path))
    this.enter(posix.join(directory, 'CMakeLists.txt'), directory)
  }

  private include(path: string): void {
    const found = [path, posix.join(this.directory, path), posix.join(posix.dirname(this.file.path), path)]
      .map((each) => posix.normalize(each))
      .find((each) => this.environment.file(each) !== null)
    if (found !== undefined) this.enter(found, this.directory)
  }

  private make(command: CmakeCommand, args: readonly (string | null)[]): void {
    const { python } = this.environment
    const known = this.targets.find((each) => each.target === args[0])
    if (known !== undefined && command.name === 'python_extension_module') {
      known.isModule = true
      known.prefix = ''
      return
    }
    const made = moduleOf(command.name, args, { python, hasSabiModule: this.hasSabiModule })
    if (made === null) {
      if (args[0] == null) this.others ??= `\`${command.name}\``
      return
    }
    this.add({ ...made, prefix: '', isModule: true }, command)
  }

  private library(command: CmakeCommand, args: readonly (string | null)[]): void {
    const made = libraryOf(args, (kind) => {
      const name = `CMAKE_SHARED_${kind === 'MODULE' ? 'MODULE' : 'LIBRARY'}_PREFIX`
      return this.variables.has(name) ? this.valueOf(name) : 'lib'
    })
    if (made === null) return
    this.add({ ...made, isModule: false }, command)
    if (args[1] === 'MODULE' && args[0] != null) this.plugins.add(args[0])
  }

  private add(made: Omit<CmakeTarget, 'file' | 'start' | 'doubt'>, { start }: CmakeCommand): void {
    const sources = made.sources.map((each) =>
      each === null ? null : posix.normalize(posix.join(this.directory, each)),
    )
    const target = { ...made, sources, file: this.file, start, doubt: this.doubt }
    this.targets.push(target)
    for (const each of this.definitions) define(target, each)
  }

  /** Commands that say something of targets; of others what they name is not known any more. */
  private properties({ name }: CmakeCommand, args: readonly (string | null)[]): void {
    const [first, ...rest] = args
    const target = this.targets.find((each) => each.target === first)
    if (name === 'target_compile_definitions' || name === 'target_compile_options')
      for (const each of rest) if (target) define(target, each ?? '')
    if (name === 'add_compile_definitions' || name === 'add_definitions' || name === 'add_compile_options')
      for (const each of args) if (each !== null) this.definitions.push(each)
    if (name === 'target_sources' && target)
      addAll(
        target.sources,
        rest.filter((each) => !/^(?:PRIVATE|PUBLIC|INTERFACE)$/.test(each ?? '')),
      )
    if (name === 'set_target_properties') {
      const from = args.indexOf('PROPERTIES')
      for (const each of this.targets) {
        if (!args.slice(0, from).includes(each.target)) continue
        setProperties(each, args.slice(from + 1), this.plugins.has(each.target))
      }
    }
    if (/^(?:check_|find_|execute_process|string|get_|file|cmake_|math|try_|separate_)/.test(name))
      for (const each of args) if (each !== null) this.forget(each)
  }
}

const shownTest = ({ args }: CmakeCommand): string => {
  const words = args.map(({ text }) => text).join(' ')
  return `\`if(${words.slice(0, 60)})\``
}

/** A directory as variables have it. */
const shownDirectory = (directory: string): string => (directory === '.' ? '.' : `./${directory}`)

/** Takes a definition of `Py_LIMITED_API` for the level of a module. */
function define(target: CmakeTarget, definition: string): void {
  const match = /^(?:-D)?Py_LIMITED_API(?:=(.*))?$/.exec(definition)
  if (match === null) return
  const value = readLevel(match[1] ?? '1')
  const level = levelOf(value)
  target.level = level !== null ? known(level) : value.kind === 'number' ? known(2) : notKnown(`\`${definition}\``)
}

/** Takes down where targets are installed. */
function install(places: Map<string, string | null>, args: readonly (string | null)[]): void {
  if (args[0] !== 'TARGETS') return
  const end = args.findIndex(
    (each, index) =>
      index > 0 && /^(?:LIBRARY|RUNTIME|ARCHIVE|DESTINATION|COMPONENT|EXPORT|OPTIONAL)$/.test(each ?? ''),
  )
  const names = args.slice(1, end < 0 ? undefined : end)
  const library = args.indexOf('LIBRARY', 1)
  const at = args.indexOf('DESTINATION', Math.max(0, library))
  const place = at < 0 ? '' : (args[at + 1] ?? null)
  for (const each of names) if (each !== null) places.set(each, place)
}
