import { callsIn } from '../code/placement.ts'
import type { CallValue, FunctionCode, MemberValue, Value } from '../code/tree.ts'
import { addressed, bare, calleeName, isNull, nameOf, plainText } from '../code/values.ts'
import { alternativesOf, isParameter, variablesNamed, variablesOf } from '../code/variables.ts'
import type { ProjectModel } from '../project/model.ts'
import { callsEverywhere, deepest, isOnlyCalled, mostCalls } from './callers.ts'
import { tableRolesOf } from './function-roles.ts'
import { type Body, functionsOf } from './functions.ts'
import { globalVariablesNamed } from './global-variables.ts'

/**
 * Where other threads may reach a list, a dict or another object that a function uses: a clause such as "`cache` is
 * there once in the process". Null where the function has made it, where nobody else can have it, as `**kwargs`, and
 * where that is not known.
 */
export const sharedAs = (model: ProjectModel, body: Body, value: Value): string | null =>
  new SharingReader(model).valueIn(body, value, 0)

class SharingReader {
  private readonly seen = new Set<Value>()

  constructor(private readonly model: ProjectModel) {}

  /** One of what a value may be has to be shared, and of each of the others it has to be known where it is from. */
  valueIn(body: Body, value: Value, depth: number): string | null {
    if (depth > deepest || this.seen.has(value)) return null
    this.seen.add(value)
    const { code } = body
    const name = nameOf(value)
    const parsed = name === null || isParameter(code, name) ? null : this.isGivenByAddress(code, name)
    if (parsed !== null) return parsed ? 'code in Python hands it over' : null
    let why: string | null = null
    for (const each of alternativesOf(code, value)) {
      if (isNull(each) || isNoObject(each)) continue
      const found = this.single(body, each, depth)
      if (found === null) return null
      why ??= found
    }
    return why
  }

  private single(body: Body, value: Value, depth: number): string | null {
    const inner = bare(value)
    if (inner.kind === 'call') return this.result(body, inner, depth)
    if (inner.kind === 'member') return this.field(body, inner, depth)
    const name = nameOf(inner)
    if (name === null) return null
    if (isParameter(body.code, name)) return this.parameter(body, name, depth)
    const [variable] = globalVariablesNamed(this.model, this.visible(body, name), name)
    if (!variable || variable.isThreadLocal || variable.isConstant) return null
    return `\`${name}\` is there once in the process`
  }

  /** The files in which a variable of a name may be declared. */
  private visible({ file, code }: Body, name: string): readonly number[] {
    if (variablesNamed(code, name).length > 0) return [file]
    const own = globalVariablesNamed(this.model, [file], name)
    return own.length > 0 ? [file] : [...this.model.project.filesWith(name)]
  }

  /** Whether what a variable gets by its address is what code in Python hands over; null for no address. */
  private isGivenByAddress(code: FunctionCode, name: string): boolean | null {
    const calls = callsIn(code).filter((call) => call.operands.some((each) => addressed(each) === name))
    if (calls.length === 0) return null
    const parsers = calls.filter((call) => parsing.test(calleeName(call) ?? ''))
    const converts = parsers.some((call) => call.operands.some((each) => /O&/.test(plainText(each))))
    const others = calls.filter((call) => !harmless.test(calleeName(call) ?? '') && !parsers.includes(call))
    // A default that the function makes is its own, where no argument is given.
    const isMade = (variablesOf(code).get(name) ?? []).some((each) => !isNull(each) && !isNoObject(bare(each)))
    return parsers.length > 0 && others.length === 0 && !converts && !isMade
  }

  private result(body: Body, call: CallValue, depth: number): string | null {
    const name = calleeName(call) ?? ''
    if (!functionsOf(this.model).isOfApi(body.file, name)) return null
    if (name in whole) return whole[name]!
    const [first] = call.operands
    if (!first) return null
    if (handsOn.test(name)) return this.valueIn(body, first, depth + 1)
    if (attributes.test(name)) return 'it is an attribute of an object'
    if (!within.test(name)) return null
    if (name === 'PyModule_GetDict') return this.moduleDict(body, first)
    return this.valueIn(body, first, depth + 1) === null ? null : 'what holds it is shared'
  }

  /** The names of a module: not those of one that is just made. */
  private moduleDict({ code }: Body, module: Value): string | null {
    const isNew = alternativesOf(code, module).some((each) => {
      const inner = bare(each)
      return inner.kind === 'call' && /^PyModule_(?:Create2?|New(?:Object)?|From)/.test(calleeName(inner) ?? '')
    })
    return isNew ? null : 'it holds the names of a module'
  }

  /** A field: of an object that is shared, unless the function makes it or frees it. */
  private field(body: Body, member: MemberValue, depth: number): string | null {
    const { code } = body
    let object: Value = bare(member.object)
    while (object.kind === 'member' && !object.arrow) object = bare(object.object)
    const isDirect = object === bare(member.object)
    const name = nameOf(object)
    const text = plainText(member)
    if (isDirect && !member.arrow) {
      if (name === null) return null
      if (variablesNamed(code, name).length > 0 || isParameter(code, name)) return null
      return `\`${text}\` is there once in the process`
    }
    if (this.isAlone(body, 0) || depth > deepest) return null
    if (name !== null) {
      const isMade = alternativesOf(code, object).some((each) => {
        const inner = bare(each)
        return inner.kind === 'call' ? !keeps.test(calleeName(inner) ?? '') : addressed(inner) !== null
      })
      if (isMade || callsIn(code).some((call) => call.operands.some((each) => addressed(each) === name))) return null
    }
    return `\`${text}\` is a field that other threads reach, too`
  }

  /** Whether a function works on an object that nobody else has yet, or any more. */
  private isAlone(body: Body, depth: number): boolean {
    const roles = tableRolesOf(this.model, body)
    if (roles.length > 0)
      return roles.every(
        ({ kind, name }) => kind === 'module' || (kind === 'slot' && alone.test(name)) || importing.test(kind),
      )
    return isOnlyCalled(this.model, body, depth, (caller) => isFunction(caller) && this.isAlone(caller, depth + 1))
  }

  private parameter(body: Body, name: string, depth: number): string | null {
    const { code, file } = body
    const at = code.parameters.findIndex((each) => each.name === name)
    const roles = code.kind === 'function' ? tableRolesOf(this.model, body) : []
    if (roles.length > 0) {
      const handed = roles.every(({ kind, name: slot }) => isHandedOver(code, kind, slot, at))
      return handed ? 'code in Python hands it over' : null
    }
    if (code.kind !== 'function') return null
    let calls = 0
    let why: string | null = null
    for (const { file: where, around, call } of callsEverywhere(this.model, code.name)) {
      calls += 1
      if (calls > mostCalls) return why
      const operand = call.operands[at]
      if (!operand || around.kind !== 'function' || around === code) continue
      if (
        !functionsOf(this.model)
          .named(where, code.name)
          .some((each) => each.code === code)
      )
        continue
      const caller = { file: where, code: around }
      if (isOfImport(this.model, caller)) continue
      why ??= this.valueIn(caller, operand, depth + 1)
    }
    if (calls > 0) return why
    const isLocal = code.storage === 'static' || this.model.project.code(file).references(code.name).length > 1
    return isLocal ? null : `whoever calls \`${code.name}\` may share it`
  }
}

/** Functions that put arguments from Python into variables. */
const parsing = /^_?PyArg_(?:Parse(?:Tuple(?:AndKeywords)?)?|UnpackTuple)(?:_SizeT)?$/

/** Functions that only give back what a variable refers to. */
const harmless = /^Py_(?:CLEAR|X?SETREF|VISIT)$/

/** What is there once for an interpreter. */
const whole: Readonly<Record<string, string>> = {
  PyImport_GetModuleDict: 'it is `sys.modules`',
  PyEval_GetBuiltins: 'it holds the names of builtins',
  PyEval_GetGlobals: 'it holds the names of a module',
  PySys_GetObject: 'it is an attribute of `sys`',
  PyImport_AddModule: 'it is a module',
}

/** Functions whose result is what they get, or may be. */
const handsOn = /^(?:Py_X?NewRef|PySequence_Fast)$/

const attributes = /^PyObject_GetAttr(?:String)?$/

/** Functions that lend what something holds. */
const within = new RegExp(
  '^(?:PyModule_GetDict|Py(?:List|Dict)_GetItem(?:WithError|String|Ref)?|PyObject_GenericGetDict|' +
    'Py(?:Object|Sequence|Mapping)_GetItem(?:String)?)$',
)

/** Functions whose result is where an object keeps its data, and those that hand on an object. */
const keeps = /^(?:PyObject_GetTypeData|PyModule_GetState|PyType_GetModuleState|PyCapsule_GetPointer|Py_X?NewRef)$/

/** Functions that begin an interpreter. */
const starting = /^Py_(?:Initialize(?:Ex|FromConfig)?|NewInterpreter(?:FromConfig)?)$/

const importing = /^(?:init|exec|create)$/

/** Slots for objects that nobody else has: they are made, or go. */
const alone = /^tp_(?:new|alloc|dealloc|free|finalize|del|traverse|clear|init)$/

/** What no container is. */
const isNoObject = (value: Value): boolean => /^Py_(?:None|False|True|NotImplemented)$/.test(nameOf(bare(value)) ?? '')

/** Whether a parameter of a function that CPython calls is an object that code in Python hands over. */
function isHandedOver(code: FunctionCode, kind: string, slot: string, at: number): boolean {
  if (code.parameters[at]?.type !== 'PyObject*') return false
  // The tuple and the dictionary of arguments are made for the call.
  const gets = kind === 'slot' ? handing[slot] : /^(?:setter|method|function|module function)$/.test(kind) ? [1] : []
  return (gets ?? []).includes(at)
}

/** Which parameters of slots are objects that code in Python hands over. */
const handing: Readonly<Record<string, readonly number[]>> = {
  mp_subscript: [1],
  mp_ass_subscript: [1, 2],
  sq_contains: [1],
  sq_ass_item: [2],
  sq_concat: [1],
  sq_inplace_concat: [1],
  tp_richcompare: [1],
  tp_setattro: [2],
  nb_or: [0, 1],
  nb_add: [0, 1],
}

/** Whether a function runs only where a module is imported, or an interpreter begins that has no threads yet. */
export function isOfImport(model: ProjectModel, body: Body, depth = 0): boolean {
  const roles = tableRolesOf(model, body)
  if (roles.length > 0) return roles.every(({ kind }) => importing.test(kind))
  if (callsIn(body.code).some((call) => starting.test(calleeName(call) ?? ''))) return true
  return isOnlyCalled(model, body, depth, (caller) => isFunction(caller) && isOfImport(model, caller, depth + 1))
}

const isFunction = ({ code }: Body): boolean => code.kind === 'function'
