import type { FileCode } from '../code/file-code.ts'
import { callStarting, inCasts, memberAt, nameAt, parentsIn } from '../code/placement.ts'
import type { CallValue, FunctionCode, Value } from '../code/tree.ts'
import { bare, calleeName, isNull } from '../code/values.ts'
import { declaresName, variablesNamed } from '../code/variables.ts'
import type { ProjectModel } from '../project/model.ts'
import type { FileId, Offset } from '../source/text.ts'
import { Functions } from './functions.ts'
import { isNamedByMacro } from './macro-names.ts'
import { isOperandOfTest } from './null-tests.ts'

/** What gives the data of a str, and what reads a character of it. */
const dataMacro = 'PyUnicode_DATA'
const readMacro = 'PyUnicode_READ'
/** Which operand of `PyUnicode_READ` is the data. */
const dataOperand = 1

const flows = new WeakMap<ProjectModel, TextDataFlow>()

/**
 * Whether a call of `PyUnicode_DATA` or `PyUnicode_READ` belongs to data of which characters are read, one by one, and
 * nothing else: all variables, fields and parameters that hold it are only handed on, compared with `NULL`, or read by
 * `PyUnicode_READ`, and hold nothing but such data. A field is that of a struct of the project, and is read somewhere:
 * else others read it.
 * @param start where the call begins, in bytes
 */
export function isTextDataAt(model: ProjectModel, file: FileId, start: Offset): boolean {
  let flow = flows.get(model)
  if (!flow) {
    flow = new TextDataFlow(model)
    flows.set(model, flow)
  }
  return flow.isUnderstood(`call ${file}:${start}`)
}

/** A variable or a parameter of a function, or the fields of one name. */
type Holder =
  | { readonly kind: 'local'; readonly file: FileId; readonly code: FunctionCode; readonly name: string }
  | { readonly kind: 'field'; readonly name: string }

/**
 * Follows the data of all strings through a project. Calls and holders that give each other data are one set. One of
 * which something is not understood is followed no further: whoever gets data from it is asked where that comes from.
 */
class TextDataFlow {
  /** Of each call and holder one that is in the same set; of one in each set itself. */
  private readonly parents = new Map<string, string>()
  /** Those that stand for the sets of which something is not understood. */
  private readonly bad = new Set<string>()
  /** Of sets that have a field, and of those that have a character that is read, one of them. */
  private readonly fields = new Set<string>()
  private readonly reads = new Set<string>()
  private readonly seen = new Set<string>()
  private readonly queue: (() => void)[] = []
  private readonly functions: Functions

  constructor(private readonly model: ProjectModel) {
    this.functions = new Functions(model)
    for (const file of model.files.keys()) {
      for (const { code, call } of this.callsOf(file, dataMacro)) this.follow(nodeOf(file, call), file, code, call)
    }
    for (let next = this.queue.pop(); next !== undefined; next = this.queue.pop()) next()
    const isRead = new Set([...this.reads].map((node) => this.root(node)))
    for (const node of this.fields) if (!isRead.has(this.root(node))) this.refuse(node)
  }

  isUnderstood(node: string): boolean {
    return this.parents.has(node) && !this.isBad(node)
  }

  private isBad(node: string): boolean {
    return this.bad.has(this.root(node))
  }

  private root(node: string): string {
    let at = node
    for (let next = this.parents.get(at); next !== undefined && next !== at; next = this.parents.get(at)) {
      // Whoever asks next has half the way.
      const beyond = this.parents.get(next)!
      this.parents.set(at, beyond)
      at = beyond
    }
    return at
  }

  private join(one: string, other: string): void {
    for (const node of [one, other]) if (!this.parents.has(node)) this.parents.set(node, node)
    const [from, to] = [this.root(one), this.root(other)]
    this.parents.set(from, to)
    if (this.bad.has(from)) this.bad.add(to)
  }

  private refuse(node: string): void {
    this.join(node, node)
    this.bad.add(this.root(node))
  }

  /** The calls of a function or macro in the functions of a file. */
  private callsOf(file: FileId, name: string): { readonly code: FunctionCode; readonly call: CallValue }[] {
    const text = this.model.project.code(file)
    return text.occurrences(name).flatMap(({ span, isInDirective }) => {
      const code = isInDirective ? null : text.functionAt(span.start)
      const call = code && callStarting(code, span.start)
      return code && call ? [{ code, call }] : []
    })
  }

  /** Follows a value that is data to where it goes. */
  private follow(node: string, file: FileId, code: FunctionCode, value: Value): void {
    this.join(node, node)
    const { whole, parent } = inCasts(code, value)
    switch (parent?.kind) {
      case 'variable':
        this.hold(node, { kind: 'local', file, code, name: parent.name })
        return
      case 'assign': {
        const target = this.holderOf(file, code, parent.target)
        if (parent.operator !== '=' || parent.value !== whole || target === null) this.refuse(node)
        else {
          this.hold(node, target)
          this.follow(node, file, code, parent)
        }
        return
      }
      case 'conditional':
        if (parent.condition !== whole) this.follow(node, file, code, parent)
        return
      case 'binary':
      case 'unary':
        if (!isOperandOfTest(code, value)) this.refuse(node)
        return
      case 'call':
        this.followOperand(node, file, parent, whole)
        return
      case 'expression':
      case 'if':
        return
      default:
        this.refuse(node)
    }
  }

  private followOperand(node: string, file: FileId, call: CallValue, whole: Value): void {
    const name = calleeName(call) ?? ''
    const index = call.operands.indexOf(whole)
    if (name === readMacro && index === dataOperand) {
      this.join(node, nodeOf(file, call))
      this.reads.add(node)
      return
    }
    const bodies = this.functions.named(file, name)
    if (bodies.length === 0 || index < 0) this.refuse(node)
    for (const body of bodies) {
      const parameter = body.code.parameters[index]?.name
      if (parameter === undefined || parameter === null) this.refuse(node)
      else this.hold(node, { kind: 'local', file: body.file, code: body.code, name: parameter })
    }
  }

  /** All calls of a function have to hand it data, and there have to be calls. */
  private checkCalls(node: string, name: string, index: number): void {
    let calls = 0
    for (const file of this.model.project.filesWith(name)) {
      const text = this.model.project.code(file)
      for (const { span, isField, isInDirective } of text.occurrences(name)) {
        if (this.isBad(node)) return
        const code = isField || isInDirective ? null : text.codeAt(span.start)
        // The name of the function itself, and of its prototypes, is no value.
        if (!isInDirective && (code === null || nameAt(code, span.start) === null)) continue
        const call = code && callStarting(code, span.start)
        const operand = call?.operands[index]
        calls++
        if (code && operand) this.gives(node, file, code, operand)
        else this.refuse(node)
      }
    }
    if (calls === 0) this.refuse(node)
  }

  private hold(node: string, holder: Holder): void {
    const key =
      holder.kind === 'field' ? `field ${holder.name}` : `local ${holder.file}:${holder.code.span.start} ${holder.name}`
    this.join(node, key)
    if (!this.isNew(key)) return
    this.queue.push(() => {
      if (this.isBad(key)) return
      if (holder.kind === 'field') this.followField(key, holder.name)
      else this.followLocal(key, holder.file, holder.code, holder.name)
    })
  }

  private isNew(key: string): boolean {
    const isNew = !this.seen.has(key)
    this.seen.add(key)
    return isNew
  }

  private followLocal(key: string, file: FileId, code: FunctionCode, name: string): void {
    const text = this.model.project.code(file)
    const variables = variablesNamed(code, name)
    const parameter = code.parameters.findIndex((each) => each.name === name)
    if (parameter >= 0) this.checkCalls(key, code.name, parameter)
    if ((variables.length === 0 && parameter < 0) || variables.some(({ storage }) => storage === 'static'))
      this.refuse(key)
    if (isNamedByMacro(this.model, file, code, name)) this.refuse(key)
    for (const { initialiser } of variables) if (initialiser !== null) this.gives(key, file, code, initialiser)
    for (const { span, isField, isInDirective } of text.occurrencesIn(name, code.span)) {
      if (isField) continue
      const value = isInDirective ? null : nameAt(code, span.start)
      if (value !== null) this.use(key, file, code, value)
      else if (isInDirective) this.refuse(key)
    }
  }

  private followField(key: string, name: string): void {
    this.fields.add(key)
    let isDeclared = false
    for (const file of this.model.project.filesWith(name)) {
      const text: FileCode = this.model.project.code(file)
      for (const { span, isField, isInDirective } of text.occurrences(name)) {
        if (this.isBad(key)) return
        const code = isInDirective ? null : text.functionAt(span.start)
        const head = isInDirective ? null : text.headAt(span.start)
        isDeclared ||= !isField && !isInDirective && text.isMember(span.start)
        const member = isField ? code && memberAt(code, span.end) : code && nameAt(code, span.start)
        // In a method of C++ the name alone is the field, and before its body what sets it.
        if (!isField && (code ?? head) === null) continue
        if (!isField && isDeclaredIn((code ?? head)!, name)) continue
        if (code && member) this.use(key, file, code, member)
        else if (isField || (head && text.text[span.end] === '(')) this.refuse(key)
      }
    }
    if (!isDeclared) this.refuse(key)
  }

  /** What is done with a holder at a place: it is set, or what it holds goes somewhere. */
  private use(key: string, file: FileId, code: FunctionCode, value: Value): void {
    const parent = parentsIn(code).get(value)
    if (parent?.kind === 'assign' && parent.target === value) {
      if (parent.operator === '=') this.gives(key, file, code, parent.value)
      else this.refuse(key)
    } else this.follow(key, file, code, value)
  }

  /** A value that a holder gets has to be data, too. */
  private gives(key: string, file: FileId, code: FunctionCode, value: Value): void {
    const plain = bare(value)
    if (isNull(plain)) return
    const holder = this.holderOf(file, code, plain)
    if (holder !== null) this.hold(key, holder)
    else if (plain.kind === 'call' && calleeName(plain) === dataMacro) this.join(key, nodeOf(file, plain))
    else if (plain.kind === 'assign') this.gives(key, file, code, plain.value)
    else if (plain.kind === 'conditional') {
      this.gives(key, file, code, plain.whenTrue)
      this.gives(key, file, code, plain.whenFalse)
    } else this.refuse(key)
  }

  private holderOf(file: FileId, code: FunctionCode, value: Value): Holder | null {
    const target = bare(value)
    if (target.kind === 'name') return { kind: 'local', file, code, name: target.name }
    return target.kind === 'member' ? { kind: 'field', name: target.name } : null
  }
}

/** Whether a name is a variable or a parameter of a function. */
const isDeclaredIn = (code: FunctionCode, name: string): boolean => declaresName(code, name)

const nodeOf = (file: FileId, { span }: CallValue): string => `call ${file}:${span.start}`
