import type { Given } from '../script/externals.ts'
import { Interpreter } from '../script/interpreter.ts'
import type { Block } from '../script/syntax.ts'
import { bool, none, number, type Scope, string, unknown, type Value } from '../script/values.ts'

/**
 * The options of a project by their names, as a build has them that is told nothing else.
 * @param block the statements of `meson.options`
 * @param given what the command line of Meson is given: `-Dname=value`; of one name the last counts
 */
export function mesonOptions(block: Block, given: readonly string[]): ReadonlyMap<string, Value> {
  const reader = new OptionReader()
  reader.run(block, reader.newScope('meson.options', null))
  for (const each of given) {
    const [, name, value] = /^-D([^=]+)=(.*)$/s.exec(each) ?? []
    const kind = reader.kinds.get(name ?? '')
    if (name !== undefined && kind !== undefined) reader.options.set(name, fromText(kind, value!))
  }
  return reader.options
}

/** Reads calls of `option`. Source: Meson's manual, "Build options". */
class OptionReader extends Interpreter {
  readonly options = new Map<string, Value>()
  readonly kinds = new Map<string, string>()

  constructor() {
    super({ python: 0, requires: null, script: () => null, find: () => null })
  }

  override newScope(script: string, outer: Scope | null): Scope {
    const scope = super.newScope(script, outer)
    for (const each of [true, false]) scope.names.set(String(each), bool(each))
    return scope
  }

  protected override unknownCall(path: string, { args, named }: Given): Value {
    const [name] = args
    const kind = named.get('type')
    if (path !== 'option' || name?.kind !== 'string' || kind?.kind !== 'string') return none
    this.kinds.set(name.value, kind.value)
    const value = named.get('value') ?? initial(kind.value, named)
    const isText = value.kind === 'string' && kind.value !== 'string' && kind.value !== 'combo'
    this.options.set(name.value, isText ? fromText(kind.value, value.value) : plain(kind.value, value))
    return none
  }
}

/** What an option has that says no value. */
function initial(kind: string, named: ReadonlyMap<string, Value>): Value {
  const choices = named.get('choices')
  if (kind === 'boolean') return bool(true)
  if (kind === 'string') return string('')
  return (kind === 'combo' && choices?.kind === 'list' ? choices.items[0] : null) ?? unknown('an option')
}

/** A feature is an object, which depends on `auto_features` where it is `auto`. */
const plain = (kind: string, value: Value): Value =>
  /^(?:boolean|string|combo|integer)$/.test(kind) ? value : unknown(`an option of the type \`${kind}\``)

/** What the command line says of an option. */
function fromText(kind: string, text: string): Value {
  if (kind === 'boolean') return text === 'true' || text === 'false' ? bool(text === 'true') : unknown('an option')
  if (kind === 'integer') return /^-?\d{1,15}$/.test(text) ? number(Number(text)) : unknown('an option')
  return plain(kind, string(text))
}
