import type { Minor } from '../knowledge/version.ts'
import { type BuiltLevel, known, notKnown, type Read } from './built-modules.ts'
import type { Interpreter } from './script/interpreter.ts'
import {
  type ClassValue,
  type DictValue,
  list,
  type ObjectValue,
  reasonOf,
  string,
  truth,
  type Value,
} from './script/values.ts'

/** What a method is given that takes nothing. */
export const nothingGiven = { args: [], named: new Map<string, Value>(), open: null }

/** The class that a script has for a command of setuptools; null for none. @param given to `setup` */
export function commandOf(given: DictValue, name: string): ClassValue | null {
  const commands = given.entries.get('cmdclass')
  const command = commands?.kind === 'dict' ? commands.entries.get(name) : undefined
  return command?.kind === 'class' ? command : null
}

/** An object of a class of the script. */
export const instanceOf = (of: ClassValue | null, attributes: readonly (readonly [string, Value])[]): ObjectValue => ({
  kind: 'object',
  made: of?.name ?? '',
  of,
  attributes: new Map(attributes),
  open: null,
  script: '',
  start: 0,
})

/**
 * What a script says of the tag of wheels: in options, or by its own `bdist_wheel`.
 * @param given to `setup`
 * @param tag what other build files say of it: `cp39`; null for nothing
 * @param python the version of the Python that builds
 * @returns null where the script says nothing
 */
export function wheelTag(
  interpreter: Interpreter,
  given: DictValue,
  tag: string | null,
  python: Minor,
): Read<BuiltLevel> | null {
  const options = given.entries.get('options')
  const ofWheel = options?.kind === 'dict' ? options.entries.get('bdist_wheel') : options
  const option = ofWheel?.kind === 'dict' ? ofWheel.entries.get('py_limited_api') : ofWheel
  const limited: Value = option ?? (tag === null ? { kind: 'none' } : string(tag))
  const command = commandOf(given, 'bdist_wheel')
  if (command !== null) return tagByCommand(interpreter, command, limited, `cp3${python}`)
  const commands = given.entries.get('cmdclass')
  const other = commands?.kind === 'dict' ? commands.entries.get('bdist_wheel') : undefined
  if (other) return notKnown(reasonOf(other))
  if (option !== undefined) return tagOf(limited)
  return options?.kind === 'dict' && options.open !== null ? notKnown(options.open) : null
}

function tagByCommand(interpreter: Interpreter, command: ClassValue, limited: Value, python: string): Read<BuiltLevel> {
  const self = instanceOf(command, [['py_limited_api', limited]])
  for (const name of ['initialize_options', 'finalize_options'])
    if (command.scope.names.has(name)) interpreter.method(self, name, nothingGiven)
  const set = self.attributes.get('py_limited_api') ?? limited
  if (!command.scope.names.has('get_tag')) return tagOf(set)
  const isLimited = truth(set)
  const inherited =
    isLimited === null
      ? list([], reasonOf(set))
      : list([isLimited ? set : string(python), string(isLimited ? 'abi3' : python), string('linux_x86_64')])
  self.attributes.set('get_tag()', inherited)
  const tag = interpreter.method(self, 'get_tag', nothingGiven)
  if (tag.kind !== 'list' || tag.items.length < 2) return notKnown(reasonOf(tag))
  const abi = tag.items[1]!
  if (abi.kind !== 'string') return notKnown(reasonOf(abi))
  return abi.value.startsWith('abi3') ? tagOf(tag.items[0]!) : known(null)
}

function tagOf(value: Value): Read<BuiltLevel> {
  if (truth(value) === false) return known(null)
  const match = value.kind === 'string' ? /^cp3(\d{1,2})$/.exec(value.value) : null
  return match ? known(Number(match[1])) : notKnown(reasonOf(value))
}
