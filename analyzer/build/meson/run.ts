import posix from 'path-browserify'
import type { Given } from '../script/externals.ts'
import { Interpreter } from '../script/interpreter.ts'
import type { Block } from '../script/syntax.ts'
import { bool, list, none, number, type Scope, string, truth, unknown, type Value } from '../script/values.ts'

/** A call of `extension_module`. */
export interface MesonModule {
  readonly given: Given
  /** The `meson.build` that it stands in, and where. */
  readonly script: string
  readonly start: number
  readonly doubt: string | null
}

/** What Meson is told from outside. */
export interface MesonEnvironment {
  /** The version of the Python that builds. */
  readonly python: number
  /** The statements of a `meson.build`; null where there is none, or it is not understood. */
  readonly script: (path: string) => Block | null
  /** The options of the project. */
  readonly options: ReadonlyMap<string, Value>
}

/** What the files of Meson make. */
export interface MesonReading {
  readonly modules: readonly MesonModule[]
  /** Why there may be other modules; null where there are none. */
  readonly others: string | null
}

/** Reads what Meson would do with the `meson.build` of a directory, but that nothing is run. */
export function readMeson(root: string, environment: MesonEnvironment): MesonReading {
  const interpreter = new MesonInterpreter(environment)
  interpreter.enter(root)
  return interpreter
}

class MesonInterpreter extends Interpreter implements MesonReading {
  readonly modules: MesonModule[] = []
  others: string | null = null
  private readonly scope: Scope
  private directory = '.'
  private entered = 0

  constructor(private readonly meson: MesonEnvironment) {
    super({ python: meson.python, requires: null, script: meson.script, find: () => null })
    this.scope = this.newScope('meson.build', null)
    this.scope.names.set('true', bool(true))
    this.scope.names.set('false', bool(false))
  }

  enter(directory: string): void {
    const path = posix.join(directory, 'meson.build')
    const block = ++this.entered > 500 ? null : this.meson.script(path)
    if (block === null) {
      this.others ??= `\`${path}\``
      return
    }
    const before = this.directory
    this.directory = directory
    // All files share their names.
    this.run(block, { ...this.scope, script: path })
    this.directory = before
  }

  protected override unknownCall(path: string, given: Given, scope: Scope, start: number): Value {
    const [first] = given.args
    const name = path.slice(path.lastIndexOf('.') + 1)
    switch (name) {
      case 'extension_module':
        this.modules.push({ given, script: scope.script, start, doubt: this.doubt })
        return unknown('`extension_module()`')
      case 'subdir':
        if (first?.kind === 'string') this.enter(posix.join(this.directory, first.value))
        else this.others ??= '`subdir()`'
        return none
      case 'files':
        return list(
          given.args.flatMap((each) => (each.kind === 'list' ? each.items : [each])),
          given.open,
        )
      case 'get_install_dir': {
        const subdir = given.named.get('subdir')
        return subdir ?? string('')
      }
      case 'system':
        return string('linux')
      case 'cpu_family':
        return string('x86_64')
      case 'is_subproject':
        return bool(false)
      case 'language_version':
        return string(`3.${this.meson.python}`)
      case 'join_paths':
        return given.args.every((each) => each.kind === 'string')
          ? string(posix.join(...given.args.map((each) => (each as { value: string }).value)))
          : unknown('`join_paths()`')
      case 'error':
        return unknown('`sys.exit()`')
      case 'get_option': {
        const option = first?.kind === 'string' ? first.value : ''
        return this.meson.options.get(option) ?? unknown('`get_option()`')
      }
      case 'get_id':
        return string('gcc')
      default:
        return unknown(`\`${path}()\``)
    }
  }

  /** Strings and lists have other methods than in Python. */
  override method(of: Value, name: string, given: Given): Value {
    const [first] = given.args
    if (of.kind === 'string' && name === 'version_compare' && first?.kind === 'string')
      return versionCompared(of.value, first.value)
    if (of.kind === 'string' && name === 'format') {
      let isKnown = true
      const text = of.value.replace(/@(\d+)@/g, (_, index: string) => {
        const value = given.args[Number(index)]
        if (value?.kind === 'string' || value?.kind === 'number') return String(value.value)
        isKnown = false
        return ''
      })
      return isKnown ? string(text) : unknown('`format()`')
    }
    if (of.kind === 'string' && name === 'to_lower') return string(of.value.toLowerCase())
    if (of.kind === 'string' && name === 'underscorify') return string(of.value.replace(/\W/g, '_'))
    if (of.kind === 'list' && name === 'length' && of.open === null) return number(of.items.length)
    if (of.kind === 'list' && name === 'contains' && first !== undefined && of.open === null)
      return bool(
        of.items.some((each) => each.kind === 'string' && first.kind === 'string' && each.value === first.value),
      )
    return super.method(of, name, given)
  }
}

function versionCompared(version: string, wanted: string): Value {
  const match = /^(>=|<=|==|!=|>|<|=)? *(\d+(?:\.\d+)*)$/.exec(wanted.trim())
  if (match === null || !/^\d+(?:\.\d+)*$/.test(version)) return unknown('`version_compare()`')
  const [left, right] = [version.split('.').map(Number), match[2]!.split('.').map(Number)]
  let order = 0
  for (let index = 0; index < Math.max(left.length, right.length) && order === 0; index++)
    order = (left[index] ?? 0) - (right[index] ?? 0)
  const is: Readonly<Record<string, boolean>> = {
    '>=': order >= 0,
    '<=': order <= 0,
    '==': order === 0,
    '=': order === 0,
    '!=': order !== 0,
    '>': order > 0,
    '<': order < 0,
  }
  return bool(is[match[1] ?? '=']!)
}

/** Whether a module is installed, and so in the wheel; null where that is not known. */
export const isInstalled = ({ given }: MesonModule): boolean | null => {
  const value = given.named.get('install')
  return value === undefined ? given.named.has('install_dir') : truth(value)
}
