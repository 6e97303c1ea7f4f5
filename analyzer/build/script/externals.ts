import posix from 'path-browserify'
import type { BuildEnvironment } from './environment.ts'
import {
  bool,
  compare,
  dict,
  external,
  list,
  none,
  number,
  reasonOf,
  shown,
  string,
  truth,
  unknown,
  type Value,
} from './values.ts'

/** What a call is given: values by place and by name. */
export interface Given {
  readonly args: readonly Value[]
  readonly named: ReadonlyMap<string, Value>
  /** Why there may be more; null where there is not. */
  readonly open: string | null
}

/** The version of the Python that builds, as `sys.version_info`. */
const versionInfo = ({ python }: BuildEnvironment): Value =>
  list([number(3), number(python), number(0), string('final'), number(0)])

/** The values that Python's own modules have in the environment. */
const values: Readonly<Record<string, (environment: BuildEnvironment) => Value>> = {
  'sys.platform': () => string('linux'),
  'os.name': () => string('posix'),
  'os.sep': () => string('/'),
  'os.path.sep': () => string('/'),
  'os.curdir': () => string('.'),
  'os.environ': () => external('os.environ'),
  'sys.version_info': versionInfo,
  'sys.version_info.major': () => number(3),
  'sys.version_info.minor': ({ python }) => number(python),
  'sys.hexversion': ({ python }) => number(0x030000f0 + python * 0x10000),
  'sys.version': ({ python }) => string(`3.${python}.0`),
  'sys.implementation.name': () => string('cpython'),
  'sys.argv': () => list([string('setup.py'), string('bdist_wheel')]),
  'sys.maxsize': () => number(2 ** 63 - 1),
  'sys.byteorder': () => string('little'),
  'sys.builtin_module_names': () => list([string('sys'), string('builtins')]),
  'sys.abiflags': () => string(''),
  'typing.TYPE_CHECKING': () => bool(false),
}

/** The value of what a script does not define, where it is known. */
export const externalValue = (path: string, environment: BuildEnvironment): Value =>
  (Object.hasOwn(values, path) ? values[path]!(environment) : null) ?? external(path)

const nothing = { args: [], named: new Map(), open: null }
const text = (value: Value | undefined): string | null => (value?.kind === 'string' ? value.value : null)

/** `os.path.join` and the like: functions of texts. Null where one of the texts is not known. */
const ofTexts =
  (make: (...texts: string[]) => string) =>
  ({ args }: Given): Value | null => {
    const texts = args.map(text)
    return texts.length > 0 && texts.every((each) => each !== null) ? string(make(...texts)) : null
  }

const same = ofTexts((path) => path)
const directory = ofTexts((path) => (posix.dirname(path) === '.' ? '' : posix.dirname(path)))
const home = (): Value => string('')
const machine = (): Value => string('x86_64')
const cpython = (): Value => string('CPython')
const version = (_: Given, { python }: BuildEnvironment): Value => string(`3.${python}.0`)

function found({ args: [pattern] }: Given, { find }: BuildEnvironment): Value {
  const asked = text(pattern)
  const files = asked === null ? null : find(posix.normalize(asked))
  return files ? list(files.map(string)) : list([], asked === null ? 'which files there are' : `the files \`${asked}\``)
}

function exists({ args: [path] }: Given, { find }: BuildEnvironment): Value | null {
  const asked = text(path)
  const files = asked === null || asked === '' ? null : find(posix.normalize(asked))
  return files === null ? null : bool(files.length > 0)
}

/** What variables of the environment are without any of them being set. */
const variable = ({ args: [, otherwise], named }: Given): Value => otherwise ?? named.get('default') ?? none

function configured({ args: [name] }: Given, { python }: BuildEnvironment): Value | null {
  const asked = text(name)
  if (asked === 'Py_GIL_DISABLED') return python >= 13 ? number(0) : none
  if (asked === 'Py_DEBUG') return number(0)
  if (asked === 'py_version_nodot') return string(`3${python}`)
  if (asked === 'EXT_SUFFIX') return string(`.cpython-3${python}-x86_64-linux-gnu.so`)
  return null
}

type Call = (given: Given, environment: BuildEnvironment) => Value | null

/** What functions of Python's own modules give. */
const calls: Readonly<Record<string, Call>> = {
  'os.path.join': ofTexts((...parts) => posix.join(...parts).replace(/^\.$/, '')),
  'os.path.dirname': directory,
  'os.path.basename': ofTexts((path) => posix.basename(path)),
  'os.path.abspath': same,
  'os.path.realpath': same,
  'os.path.normpath': same,
  'os.path.expanduser': same,
  'os.path.relpath': same,
  'os.path.splitext': ({ args: [path] }) => {
    const whole = text(path)
    const end = whole === null ? '' : posix.extname(whole)
    return whole === null ? null : list([string(whole.slice(0, whole.length - end.length)), string(end)])
  },
  'typing.cast': ({ args: [, of] }) => of ?? null,
  'os.getcwd': home,
  'os.fspath': same,
  'pathlib.Path': (given) => (given.args.length === 0 ? string('') : ofTexts(posix.join)(given)),
  'pathlib.PurePath': ofTexts(posix.join),
  'os.path.exists': exists,
  'os.path.isfile': exists,
  // Where only names of files are known, a directory may be there without any.
  'os.path.isdir': (given, environment) => {
    const is = exists(given, environment)
    return is !== null && truth(is) === true ? is : null
  },
  'glob.glob': found,
  'glob.iglob': found,
  'os.environ.get': variable,
  'os.environ.pop': variable,
  'os.getenv': variable,
  'sysconfig.get_config_var': configured,
  'distutils.sysconfig.get_config_var': configured,
  'sysconfig.get_platform': () => string('linux-x86_64'),
  'distutils.util.get_platform': () => string('linux-x86_64'),
  'platform.system': () => string('Linux'),
  'platform.machine': machine,
  'platform.processor': machine,
  'platform.python_implementation': cpython,
  'platform.python_version': version,
  'platform.python_version_tuple': (_, { python }) => list([string('3'), string(String(python)), string('0')]),
  'platform.libc_ver': () => list([string('glibc'), string('2.36')]),
  'struct.calcsize': ({ args: [format] }) => (/^[PlqLQ]$/.test(text(format) ?? '') ? number(8) : null),
  'sys._is_gil_enabled': () => bool(true),
  'platform.uname': () => null,
  'os.path.isabs': ({ args: [path] }) => (text(path) === null ? null : bool(text(path)!.startsWith('/'))),
}

const plainNumber = (value: Value | undefined): number | null => {
  const written = value === undefined ? null : shown(value)
  if (value?.kind === 'bool') return Number(value.value)
  return written !== null && /^\s*-?\d+\s*$/.test(written) ? Number(written) : null
}

/** Those of a list that are known one by one; null where there may be others. */
const allOf = (value: Value | undefined): readonly Value[] | null =>
  value?.kind === 'list' && value.open === null && value.perhaps.length === 0
    ? value.items
    : value?.kind === 'dict' && value.open === null
      ? [...value.entries.keys()].map(string)
      : null

const someOf = (given: Given, decides: boolean): Value | null => {
  const items = allOf(given.args[0])
  const each = items?.map(truth)
  return !each ? null : each.includes(decides) ? bool(decides) : each.includes(null) ? null : bool(!decides)
}

const copied = ({ args: [of] }: Given): Value | null =>
  of === undefined ? list([]) : of.kind === 'list' ? { ...of, items: [...of.items], perhaps: [...of.perhaps] } : null

function listed(given: Given): Value {
  const value = copied(given) ?? (allOf(given.args[0]) ? list(allOf(given.args[0])!) : null)
  return value ?? list([], reasonOf(given.args[0]!))
}

/** Numbers of a range that are counted one by one. */
const longestRange = 1000

/** What `sys` has in other Pythons, on other systems, and in builds for debugging. */
const otherPythons =
  /^(?:pypy_\w+|gettotalrefcount|getwindowsversion|getandroidapilevel|jython\w*|frozen|winver|dllhandle)$/

/** Python's functions that need no module. */
const builtins: Readonly<Record<string, Call>> = {
  list: listed,
  tuple: listed,
  set: listed,
  frozenset: listed,
  iter: listed,
  sorted: (given) => {
    const items = allOf(given.args[0])
    const isKnown = items?.every((each) => each.kind === 'string')
    return isKnown ? list([...items!].sort((a, b) => compare(a, b) ?? 0)) : listed(given)
  },
  reversed: ({ args: [of] }) => (allOf(of) ? list([...allOf(of)!].reverse()) : null),
  dict: ({ args: [of], named, open }) =>
    of?.kind === 'dict'
      ? dict([...of.entries, ...named], of.open ?? open)
      : dict(named, of === undefined ? open : reasonOf(of)),
  str: ({ args: [of] }) => {
    const written = of === undefined ? '' : shown(of)
    return written === null ? null : string(written)
  },
  int: ({ args: [of, base] }) => {
    const digits = text(of)
    if (base?.kind === 'number' && digits !== null) {
      const value = Number.parseInt(digits.replace(/^0x/i, ''), base.value)
      return Number.isNaN(value) ? null : number(value)
    }
    const value = plainNumber(of)
    return value === null ? null : number(value)
  },
  bool: ({ args: [of] }) => {
    const is = of === undefined ? false : truth(of)
    return is === null ? null : bool(is)
  },
  len: ({ args: [of] }) =>
    of?.kind === 'string' ? number(of.value.length) : allOf(of) ? number(allOf(of)!.length) : null,
  any: (given) => someOf(given, true),
  all: (given) => someOf(given, false),
  hex: ({ args: [of] }) => (of?.kind === 'number' ? string(`0x${of.value.toString(16)}`) : null),
  range: ({ args }) => {
    const [first, last] = args.map(plainNumber)
    const [from, to] = args.length === 1 ? [0, first] : [first, last]
    if (typeof from !== 'number' || typeof to !== 'number' || to - from > longestRange || args.length > 2) return null
    return list(Array.from({ length: Math.max(0, to - from) }, (_, index) => number(from + index)))
  },
  enumerate: ({ args: [of] }) => {
    const items = allOf(of)
    return items && list(items.map((each, index) => list([number(index), each])))
  },
  zip: ({ args }) => {
    const all = args.map(allOf)
    if (!all.every((each) => each !== null) || all.length === 0) return null
    const shortest = all.reduce((least, each) => Math.min(least, each!.length), longestRange)
    return list(Array.from({ length: shortest }, (_, index) => list(all.map((each) => each![index]!))))
  },
  map: ({ args: [called, of] }) => {
    const items = allOf(of)
    if (!items || called?.kind !== 'external' || !Object.hasOwn(builtins, called.path)) return null
    const each = items.map((item) => builtins[called.path]!({ ...nothing, args: [item] }, noEnvironment))
    return each.every((value) => value !== null) ? list(each as Value[]) : null
  },
  hasattr: ({ args: [of, name] }, { python }) => {
    const asked = text(name) ?? ''
    if (of?.kind !== 'external' || of.path !== 'sys') return null
    return otherPythons.test(asked) ? bool(false) : asked === '_is_gil_enabled' ? bool(python >= 13) : null
  },
  getattr: ({ args: [of, name] }, environment) => {
    const asked = text(name)
    const value = of?.kind === 'external' && asked !== null ? externalValue(`${of.path}.${asked}`, environment) : null
    if (of?.kind === 'object' && asked !== null) return of.attributes.get(asked) ?? null
    return value === null || (value.kind === 'external' && of?.kind === 'external' && of.path !== 'sys') ? null : value
  },
  print: () => none,
  setattr: () => none,
  isinstance: ({ args: [of, type] }) => {
    const kinds: Readonly<Record<string, Value['kind']>> = { str: 'string', list: 'list', tuple: 'list', dict: 'dict' }
    const kind = type?.kind === 'external' ? kinds[type.path] : undefined
    return kind === undefined || !of || of.kind === 'unknown' ? null : bool(of.kind === kind)
  },
}

const noEnvironment: BuildEnvironment = { python: 0, requires: null, script: () => null, find: () => null }

/** Whether a name is one that needs no import. */
export const isBuiltin = (name: string): boolean => Object.hasOwn(builtins, name)

/** What a call of something that the script does not define gives; unknown where it is not known here. */
export function callExternal(path: string, given: Given, environment: BuildEnvironment): Value {
  const call = Object.hasOwn(calls, path) ? calls[path] : Object.hasOwn(builtins, path) ? builtins[path] : undefined
  const depends = [...given.args, ...given.named.values()].find(({ kind }) => kind === 'unknown')
  return call?.(given, environment) ?? unknown(depends ? reasonOf(depends) : `\`${path}()\``)
}
