import { callsIn } from '../code/placement.ts'
import { bodyValue, eachStatement } from '../code/statements.ts'
import type { CallValue, FunctionCode, Value, Variable } from '../code/tree.ts'
import { addressed, bare, calleeName, isNull } from '../code/values.ts'
import { variablesNamed, variablesOf } from '../code/variables.ts'
import type { ProjectModel } from '../project/model.ts'
import type { FileId } from '../source/text.ts'
import { type Call, Callers, type Frame } from './callers.ts'
import { functionsOf, isHeader } from './functions.ts'

/** Where the memory is that a pointer points to. */
export interface Origin {
  /**
   * `automatic`: in a variable of a function, which is gone when that returns. `static`: in a variable that lives as
   * long as the process. `literal`: a string. `heap`: a function of the C library or of CPython's has allocated it.
   * `field`: a field holds the pointer, so something else may own it. `inside`: in what a pointer points to that is not
   * known. `function`: it is that of a function. `number`: it points to nothing. `unknown` is anything else.
   */
  readonly kind: 'automatic' | 'static' | 'literal' | 'heap' | 'field' | 'inside' | 'function' | 'number' | 'unknown'
  readonly file: FileId
  /** The function that the value stands in, a macro, or what stands at file level. */
  readonly code: FunctionCode
  readonly value: Value
  /** The variable that holds the memory; null for none. */
  readonly variable: Variable | null
  /** What has allocated it, or the function that it is; empty for neither. */
  readonly name: string
}

/** Values within values, calls within calls. */
const deepest = 10

/** More places that a pointer may come from are not followed: they say nothing in common. */
const most = 40

/** Functions that allocate memory which somebody has to free. */
const allocators = new RegExp(
  '^(?:(?:m|c|re|aligned_)alloc|strn?dup|wcsdup|Py(?:Mem|Mem_Raw|Object)_(?:Raw)?(?:M|C|Re)alloc|PyObject_MALLOC' +
    '|PyMem_(?:New|Resize|NEW|MALLOC|RESIZE)|_PyMem_(?:Raw)?(?:Wcs|Str)dup)$',
)

const casts = /^(?:static|const|reinterpret|dynamic)_cast$/

/** Tells where pointers come from: by variables, macros, and what functions and macros get and give. */
export class PointerOrigins {
  private readonly callers: Callers

  constructor(private readonly model: ProjectModel) {
    this.callers = new Callers(model)
  }

  /**
   * Where what an operand of a call points to may be, each place once; null pointers are left out. No place means that
   * it is one.
   * @param operand from 0
   */
  ofOperand({ file, around, call }: Call, operand: number): readonly Origin[] {
    const value = call.operands[operand]
    if (!value) return []
    return distinct(this.of(value, { file, code: around, caller: null }, 0))
  }

  private of(value: Value, frame: Frame, depth: number): readonly Origin[] {
    const inner = bare(value)
    if (isNull(inner)) return []
    if (depth > deepest) return [this.make('unknown', inner, frame)]
    const again = (each: Value): readonly Origin[] => this.of(each, frame, depth + 1).slice(0, most)
    switch (inner.kind) {
      case 'literal':
        return [this.make(inner.literal === 'string' ? 'literal' : 'number', inner, frame)]
      case 'name':
        return this.ofName(inner.name, inner, frame, depth)
      case 'call':
        return this.ofCall(inner, frame, depth)
      case 'conditional':
        return [...again(inner.whenTrue), ...again(inner.whenFalse)]
      case 'assign':
        return again(inner.value)
      case 'unary':
        if (inner.operator === '&') return this.ofAddress(inner.operand, frame, depth)
        return [this.make(inner.operator === 'new' ? 'heap' : 'unknown', inner, frame, null, 'new')]
      case 'member':
        return [this.make('field', inner, frame)]
      case 'binary': {
        if (inner.operator === ',') return again(inner.right)
        const isNumber = [inner.left, inner.right].every((each) => bare(each).kind === 'literal')
        return [this.make(isNumber ? 'number' : 'unknown', inner, frame)]
      }
      default:
        return [this.make('unknown', inner, frame)]
    }
  }

  private make(
    kind: Origin['kind'],
    value: Value,
    { file, code }: Frame,
    variable: Variable | null = null,
    name = '',
  ): Origin {
    return { kind, file, code, value, variable, name: kind === 'heap' || kind === 'function' ? name : '' }
  }

  /** Of `&x`, `&x.field`, `&x[i]`, `&x->field`. */
  private ofAddress(operand: Value, frame: Frame, depth: number): readonly Origin[] {
    const inner = bare(operand)
    if (inner.kind === 'member') {
      if (inner.arrow) return this.into(this.of(inner.object, frame, depth + 1), inner, frame)
      return this.ofAddress(inner.object, frame, depth + 1)
    }
    if (inner.kind === 'index') {
      const object = bare(inner.object)
      if (object.kind === 'member' && !object.arrow) return [this.make('unknown', inner, frame)]
      return this.into(this.of(inner.object, frame, depth + 1), inner, frame)
    }
    if (inner.kind !== 'name') return [this.make('unknown', inner, frame)]
    const isFunction = functionsOf(this.model).named(frame.file, inner.name).length > 0
    if (isFunction && !this.local(inner.name, frame)) return [this.make('function', inner, frame, null, inner.name)]
    const parameter = frame.code.parameters.findIndex((each) => each.name === inner.name)
    if (parameter >= 0 && frame.code.kind === 'macro')
      return this.callers.of(frame).flatMap(({ call, frame: caller }) => {
        const given = call.operands[parameter]
        return given ? this.ofAddress(given, caller, depth + 1) : []
      })
    if (parameter >= 0) {
      const variable = frame.code.parameters[parameter]!
      return [this.make(variable.isReference ? 'unknown' : 'automatic', inner, frame, variable)]
    }
    const variables = this.local(inner.name, frame)
    if (variables) return variables
    return this.atFileLevel(inner.name, inner, frame)
  }

  /** A part of what pointers point to is where that is. */
  private into(found: readonly Origin[], value: Value, frame: Frame): readonly Origin[] {
    return found.map((each) =>
      /^(?:automatic|static|heap)$/.test(each.kind) ? each : this.make('inside', value, frame),
    )
  }

  /** The variables of a function by that name, as the memory that is pointed to; null where it has none. */
  private local(name: string, frame: Frame): readonly Origin[] | null {
    const declared = frame.code.kind === 'file' ? [] : variablesNamed(frame.code, name)
    if (declared.length === 0) return null
    const { text } = this.model.project.code(frame.file)
    return declared.map((variable) => {
      const words = text.slice(variable.declaration.span.start, variable.nameSpan.start)
      const isKept = variable.storage !== '' || /\b(?:static|extern|thread_local)\b|__thread/.test(words)
      const isOdd = variable.isReference || /&/.test(words) || this.namesMacro(words)
      return this.make(
        isKept ? 'static' : isOdd ? 'unknown' : 'automatic',
        variable.initialiser ?? nameValue(variable),
        frame,
        variable,
      )
    })
  }

  private namesMacro(words: string): boolean {
    return (words.match(/[A-Za-z_]\w*/g) ?? []).some((each) => this.model.project.declarations.macro(each).length > 0)
  }

  private ofName(name: string, value: Value, frame: Frame, depth: number): readonly Origin[] {
    const parameter = frame.code.parameters.findIndex((each) => each.name === name)
    if (parameter >= 0) return this.ofParameter(parameter, value, frame, depth)
    const own = this.local(name, frame)
    if (own) {
      const isArray = own.some(({ variable }) => variable?.type.endsWith('[]'))
      return isArray ? own : this.ofVariable(name, value, own, frame, depth)
    }
    const macros = functionsOf(this.model).macrosNamed(frame.file, name)
    // A macro would rename the variable of the same file, too.
    const isOwn = this.model.project.code(frame.file).variables.some((each) => each.name === name)
    if (macros.length > 0 && !isOwn)
      return macros.flatMap(({ file, code }) => {
        const body = code.parameters.length === 0 ? bodyValue(code) : null
        return body ? this.of(body, { file, code, caller: null }, depth + 1) : [this.make('unknown', value, frame)]
      })
    if (functionsOf(this.model).named(frame.file, name).length > 0)
      return [this.make('function', value, frame, null, name)]
    const found = this.atFileLevel(name, value, frame)
    // What a pointer at file level points to may change, unless an initialiser is all that it gets.
    return found.flatMap((each) => {
      if (each.kind !== 'static' || each.variable?.type.endsWith('[]')) return [each]
      const given = functionsOf(this.model).staticValue(each.file, name)
      if (given === null) return [this.make('field', value, frame)]
      const code = given.around ?? this.model.project.code(each.file).codeAt(given.value.span.start)
      return code ? this.of(given.value, { file: each.file, code, caller: null }, depth + 1) : []
    })
  }

  private ofVariable(
    name: string,
    value: Value,
    own: readonly Origin[],
    frame: Frame,
    depth: number,
  ): readonly Origin[] {
    const given = variablesOf(frame.code).get(name) ?? []
    const isWritten = callsIn(frame.code).some(({ operands }) => operands.some((each) => addressed(each) === name))
    const isOdd = given.length === 0 || isWritten || own.some(({ kind }) => kind !== 'automatic')
    return [
      ...given.flatMap((each) => this.of(each, frame, depth + 1)).slice(0, most),
      ...(isOdd ? [this.make('unknown', value, frame)] : []),
    ]
  }

  private atFileLevel(name: string, value: Value, frame: Frame): readonly Origin[] {
    const { declarations } = this.model.project
    const own = this.model.project.code(frame.file).variables.some((each) => each.name === name)
    const files = own ? [frame.file] : [...new Set(declarations.value(name).map(({ file }) => file))]
    const found = files.flatMap((file) => {
      const code = this.model.project.code(file)
      return code.variables.flatMap((variable) => {
        if (variable.name !== name || (!own && variable.storage === 'static' && !isHeader(this.model, file))) return []
        const around = code.codeAt(variable.nameSpan.start)
        return around ? [this.make('static', value, { file, code: around, caller: null }, variable)] : []
      })
    })
    const defined = found.filter(({ variable }) => variable?.initialiser)
    const chosen = defined.length > 0 ? defined : found.slice(0, 1)
    return chosen.length > 0 ? chosen : [this.make('unknown', value, frame)]
  }

  private ofCall(call: CallValue, frame: Frame, depth: number): readonly Origin[] {
    const name = calleeName(call)
    const unknown = [this.make('unknown', call, frame)]
    const text = this.ofText(call, frame)
    if (text !== null) return text
    if (name === null) return unknown
    if (casts.test(name) && call.operands.length === 1) return this.of(call.operands[0]!, frame, depth + 1)
    if (allocators.test(name)) return [this.make('heap', call, frame, null, name)]
    const functions = functionsOf(this.model)
    const macros = functions.macrosNamed(frame.file, name)
    if (macros.length > 0)
      return macros.flatMap(({ file, code }) => {
        const body = bodyValue(code)
        return body ? this.of(body, { file, code, caller: { call, frame } }, depth + 1) : unknown
      })
    const bodies = functions.named(frame.file, name)
    if (bodies.length !== 1 || bodies[0]!.code === frame.code) return unknown
    const [{ file, code }] = bodies as [(typeof bodies)[0]]
    const inner: Frame = { file, code, caller: { call, frame } }
    const returned = eachStatement(code.body).flatMap((each) =>
      each.kind === 'return' && each.value ? this.of(each.value, inner, depth + 2) : [],
    )
    return returned.length > 0 ? returned.slice(0, most) : unknown
  }

  /** Of `s.c_str()`, for a `std::string` of the function. */
  private ofText({ callee }: CallValue, frame: Frame): readonly Origin[] | null {
    const method = bare(callee)
    if (method.kind !== 'member' || method.arrow || !/^(?:c_str|data)$/.test(method.name)) return null
    const object = bare(method.object)
    const own = object.kind === 'name' ? this.local(object.name, frame) : null
    const isString = own?.every(({ variable }) => /^(?:std::)?(?:w|u8|u16|u32)?string$/.test(variable?.type ?? ''))
    return own && isString ? own : null
  }

  /** What functions and macros of the project get as a parameter. */
  private ofParameter(parameter: number, value: Value, frame: Frame, depth: number): readonly Origin[] {
    const isOwn = frame.code.kind === 'macro' || frame.code.storage === 'static' || frame.caller !== null
    const callers = this.callers.of(frame)
    const isChanged = frame.code.kind === 'function' && assigns(frame.code, frame.code.parameters[parameter]!.name)
    return [
      ...callers.flatMap(({ call, frame: caller }) => {
        const given = call.operands[parameter]
        return given ? this.of(given, caller, depth + 1) : []
      }),
      ...(isOwn && callers.length > 0 && !isChanged ? [] : [this.make('unknown', value, frame)]),
    ].slice(0, most)
  }
}

const nameValue = ({ name, nameSpan }: Variable): Value => ({ kind: 'name', name, scope: '', span: nameSpan })

/** Whether a function gives a parameter another value. */
const assigns = (code: FunctionCode, name: string): boolean =>
  eachStatement(code.body).some(
    (each) =>
      each.kind === 'expression' &&
      each.value !== null &&
      each.value.kind === 'assign' &&
      bare(each.value.target).kind === 'name' &&
      (bare(each.value.target) as { name: string }).name === name,
  )

function distinct(found: readonly Origin[]): readonly Origin[] {
  const key = ({ kind, file, variable, value }: Origin): string =>
    `${kind} ${file} ${variable?.nameSpan.start ?? value.span.start}`
  return [...new Map(found.map((each) => [key(each), each])).values()]
}
