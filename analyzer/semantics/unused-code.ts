import type { FileCode } from '../code/file-code.ts'
import type { Occurrence } from '../code/name-index.ts'
import type { DeclarationStatement, FunctionCode } from '../code/tree.ts'
import type { ProjectModel } from '../project/model.ts'
import type { FileId, Offset, Span } from '../source/text.ts'
import { compiledAt } from './calls.ts'
import { mayMake, pastingsOf } from './pasted-names.ts'

/** Functions and types that no source uses where the targets compile it. */

/** A function that other translation units do not see, or the declaration of types: whole lines at file level. */
export interface UnusedItem {
  readonly name: string
  /** From the beginning of its first line to the end of its last one, without the line's end. */
  readonly lines: Span
}

interface Item extends UnusedItem {
  readonly file: FileId
  /** All that it declares. */
  readonly names: readonly string[]
  /** Whether it is a function, which no other translation unit sees. */
  readonly isStatic: boolean
}

/** What nobody uses in a project, asked for by places. */
export class UnusedCode {
  private readonly items = new Map<string, Item | null>()
  private readonly users = new Map<string, readonly Item[] | null>()
  private pastings: readonly (readonly (string | number)[])[] | null = null

  /** @param models the project for each target that counts */
  constructor(private readonly models: readonly ProjectModel[]) {}

  /**
   * The item that holds a place, and those that use it or each other: without it they would not compile.
   * @returns null where no such item is there, where something else uses one of them, or another file has one
   */
  around(file: FileId, offset: Offset): readonly UnusedItem[] | null {
    const first = this.itemAt(file, offset)
    if (first === null) return null
    const found = new Set([first])
    for (const item of found) {
      const users = this.usersOf(item)
      if (users === null) return null
      for (const each of users) {
        if (each.file !== file) return null
        found.add(each)
      }
    }
    return [...found].sort((a, b) => a.lines.start - b.lines.start)
  }

  private codeOf(file: FileId): FileCode {
    return this.models[0]!.project.code(file)
  }

  private itemAt(file: FileId, offset: Offset): Item | null {
    const code = this.codeOf(file)
    const around = code.functionAt(offset) ?? code.headAt(offset)
    if (around?.kind === 'lambda') return null
    const statement = around === null ? statementAt(code, offset) : null
    const start = around?.headStart ?? statement?.span.start
    if (start === undefined) return null
    const key = `${file} ${start}`
    let item = this.items.get(key)
    if (item === undefined) {
      item = around === null ? statement && declarationOf(code, file, statement) : this.functionOf(code, file, around)
      this.items.set(key, item)
    }
    return item
  }

  /** A function as an item; null where others may call it without its name being read, or its lines hold more. */
  private functionOf(code: FileCode, file: FileId, { name, nameSpan, headStart, span }: FunctionCode): Item | null {
    if (code.isMember(nameSpan.start)) return null
    const head = code.text.slice(headStart, nameSpan.start)
    if (!/\bstatic\b/.test(head) && !this.isStaticByMacro(head)) return null
    if (isOpenHead.test(head) || isCalledUnnamed.test(name) || /\b(?:(?:con|de)structor|used|operator)\b/.test(head))
      return null
    const lines = linesOf(code, { start: headStart, end: span.end })
    return lines && { file, name, names: [name], isStatic: true, lines }
  }

  /** Whether a macro in the head of a function says `static`: `STATIC_INLINE(int) f(void)`. */
  private isStaticByMacro(head: string): boolean {
    const { project } = this.models[0]!
    return (head.match(/[A-Za-z_]\w*/g) ?? []).some((word) => {
      const found = project.declarations.macro(word)
      const isStatic = ({ file, fact }: (typeof found)[number]): boolean =>
        /\bstatic\b/.test(this.codeOf(file).text.slice(fact.bodyStart, fact.bodyEnd))
      return found.length > 0 && found.every(isStatic)
    })
  }

  /** The items that use one; null where something else may do so. */
  private usersOf(item: Item): readonly Item[] | null {
    const key = `${item.file} ${item.lines.start}`
    let users = this.users.get(key)
    if (users === undefined) {
      users = this.findUsers(item)
      this.users.set(key, users)
    }
    return users
  }

  private findUsers(item: Item): readonly Item[] | null {
    const found = new Set<Item>()
    const names = new Set(item.names)
    for (const name of names) {
      if (this.mayBePasted(name)) return null
      for (const file of this.models[0]!.files.keys()) {
        const code = this.codeOf(file)
        for (const place of code.occurrences(name)) {
          const { span } = place
          if (place.isField || (file === item.file && holds(item.lines, span.start))) continue
          if (this.models.every((model) => compiledAt(model, file, span.start) === 'no')) continue
          if (place.isInDirective) {
            const macro = code.macroAt(span.start)
            if (macro !== null) names.add(macro.name)
            continue
          }
          // another definition of the name, in another branch: it stays
          if (item.isStatic && definesFunction(code, place)) continue
          const user = this.itemAt(file, span.start)
          if (user === null) return null
          found.add(user)
        }
      }
    }
    return [...found]
  }

  /** Whether a macro may put a name together, `Py##type##_Check`: what it takes for that stands somewhere, too. */
  private mayBePasted(name: string): boolean {
    this.pastings ??= this.models[0]!.files.flatMap(({ macros }, file) =>
      macros.flatMap((macro) => pastingsOf(this.codeOf(file).text, macro)),
    )
    return this.pastings.some((parts) => mayMake(this.models[0]!, parts, name))
  }
}

/** A head that may hold more than the function: a line of its own before it that is a macro, or nothing. */
const isOpenHead = /\)[ \t]*\r?\n\s*\S|\n[ \t]*\r?\n|^[A-Z][A-Z0-9_]*[ \t]*\r?\n/

/** Functions of C++ that are called without their names: by operators, and by `for (auto x : all)`. */
const isCalledUnnamed = /^operator\b|^(?:begin|end|swap)$/

const holds = ({ start, end }: Span, offset: Offset): boolean => start <= offset && offset < end

/** Whether an occurrence is the name that a function is defined by. */
const definesFunction = (code: FileCode, { span }: Occurrence): boolean =>
  code.headAt(span.start)?.nameSpan.start === span.start

type Declaring = Pick<DeclarationStatement, 'types' | 'variables' | 'prototypes' | 'struct' | 'span'>

/** The declaration at file level that holds an offset, be macros a part of it: `PyAPI_FUNC(int) f(void);`. */
function statementAt(code: FileCode, offset: Offset): Declaring | null {
  const found = code.declarations.find(({ span }) => holds(span, offset))
  if (found) return found
  if (code.isInDirective(offset)) return null
  let start = offset
  for (let lines = 0; lines < mostLines; lines++) {
    const line = code.text.lastIndexOf('\n', start - 1) + 1
    start = line + /^[ \t]*/.exec(code.text.slice(line, offset + 1))![0].length
    if (code.beginsAt(start)) break
    start = line
  }
  const text = /^[^;{}=]*;/.exec(code.text.slice(start))?.[0] ?? ''
  const name = (prototypeByMacro.exec(text) ?? prototype.exec(text))?.[1]
  if (name === undefined || start + text.length <= offset) return null
  return { types: [], variables: [], prototypes: [name], struct: null, span: { start, end: start + text.length } }
}

/** How many lines a prototype has at most before a place in it. */
const mostLines = 8

const prototypeByMacro = /^\w+\s*\([^()]*\)[\s*]*(\w+)\s*\(/
const prototype = /^(?!typedef\b)[A-Za-z_]\w*[\s*][\s\w*]*?(\w+)\s*\(/

/** A prototype, or a declaration that only gives names to types, as an item. */
function declarationOf(code: FileCode, file: FileId, statement: Declaring): Item | null {
  const { types, variables, prototypes, struct, span } = statement
  if (prototypes.length === 1 && types.length + variables.length === 0 && struct === null) {
    const lines = linesOf(code, span)
    return lines && { file, name: prototypes[0]!, names: prototypes, isStatic: false, lines }
  }
  if (types.length === 0 || variables.length + prototypes.length > 0 || struct?.tag.startsWith('enum')) return null
  const text = code.text.slice(span.start, span.end)
  // what it declares inside has names of its own
  const inner = text.slice(text.indexOf('{') + 1)
  if (!/^typedef\b/.test(text) || /\benum\b|\b(?:struct|union|class)\s+\w+\s*\{/.test(inner)) return null
  const tag = /^\w+ (\w+)$/.exec(struct?.tag ?? '')?.[1]
  const lines = linesOf(code, span)
  return (
    lines && { file, name: types[0]!, names: [...types, ...(tag === undefined ? [] : [tag])], isStatic: false, lines }
  )
}

/** The lines of what stands between two others; null where something else stands in them, or before it in its own. */
function linesOf(code: FileCode, { start, end }: Span): Span | null {
  const { text } = code
  const directives = text.slice(start, end).match(/^[ \t]*#[ \t]*(?:if|endif)/gm) ?? []
  if (directives.length !== 2 * directives.filter((each) => each.includes('endif')).length) return null
  const from = text.lastIndexOf('\n', start - 1) + 1
  const feed = text.indexOf('\n', end)
  const to = feed < 0 ? text.length : text[feed - 1] === '\r' ? feed - 1 : feed
  if (text.slice(from, start).trim() !== '') return null
  if (!/^[ \t]*(?:\/\/.*|\/\*[^*]*\*\/[ \t]*)?$/.test(text.slice(end, to)) || text.endsWith('\\', to)) return null
  return code.beginsAt(start) ? { start: from, end: to } : null
}
