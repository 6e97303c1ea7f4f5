import { readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import type { Offset, Span } from '../source/text.ts'
import { FileCode } from './file-code.ts'
import {
  aloneStatement,
  assignedTo,
  callsIn,
  isBraceless,
  isInLoopHead,
  leadOf,
  mayBeSkipped,
  nameAt,
  outermostStatement,
  outermostStatements,
  parentsIn,
  statementOf,
} from './placement.ts'
import { bodyValue, eachStatement, valuesInCode } from './statements.ts'
import type { Entry, FunctionCode, Statement, Value, Variable } from './tree.ts'
import { addressed, calleeName, isNull, nameOf, plainText, pointedName, slotName } from './values.ts'
import { variablesOf } from './variables.ts'

/**
 * What is read of the sources in `corpus`, written down as trees: a line for each function, statement and value, with
 * what its span holds. `vitest run analyzer/code/corpus.test.ts -u` writes them anew.
 */

const here = fileURLToPath(new URL('corpus', import.meta.url))
const sources = readdirSync(here).filter((file) => /^\.(?:c|cpp)$/.test(extname(file)))

class Printer {
  private readonly lines: string[] = []
  private depth = 0

  constructor(private readonly code: FileCode) {}

  print(): string {
    for (const each of this.code.declarations) this.statement(each)
    for (const { name } of this.code.directives.macros) this.line(`macro ${name}`)
    for (const each of this.code.directives.macros.flatMap(({ name }) => this.code.macrosNamed(name)))
      this.function(each)
    for (const each of this.code.allFunctions()) this.function(each)
    return `${this.lines.join('\n')}\n`
  }

  private excerpt({ start, end }: Span): string {
    const text = this.code.text.slice(start, end).replace(/\s+/g, ' ')
    return text.length <= 50 ? text : `${text.slice(0, 30)} … ${text.slice(-15)}`
  }

  private line(label: string, span?: Span): void {
    this.lines.push(`${'  '.repeat(this.depth)}${label}${span ? `  \`${this.excerpt(span)}\`` : ''}`)
  }

  private within(print: () => void): void {
    this.depth++
    print()
    this.depth--
  }

  private function(code: FunctionCode): void {
    const { kind, name, storage, result, headStart, span, hasParameters, nameSpan } = code
    this.line(`${kind} ${storage} ${result} ${name}${hasParameters ? '' : ' ?'}`, { start: headStart, end: span.end })
    this.within(() => {
      this.line('name', nameSpan)
      for (const each of code.parameters) this.variable('parameter', each)
      for (const each of code.body) this.statement(each)
    })
  }

  private variable(label: string, { name, type, isReference, storage, initialiser, nameSpan }: Variable): void {
    this.line(`${label} ${storage} ${type}${isReference ? '&' : ''} ${name}`, nameSpan)
    if (initialiser) this.within(() => this.value(initialiser))
  }

  private statement(statement: Statement): void {
    this.line(labelOf(statement), statement.span)
    this.within(() => this.parts(statement))
  }

  private parts(statement: Statement): void {
    switch (statement.kind) {
      case 'expression':
      case 'return':
      case 'label':
        if (statement.value) this.value(statement.value)
        break
      case 'declaration':
        for (const each of statement.variables) this.variable('variable', each)
        if (statement.struct) this.line(`struct ${statement.struct.tag}`, statement.struct.span)
        break
      case 'if':
        this.value(statement.condition)
        this.statement(statement.then)
        if (statement.otherwise) this.statement(statement.otherwise)
        break
      case 'loop':
        for (const each of [...statement.head, statement.body]) this.statement(each)
        break
      case 'switch':
        this.value(statement.value)
        this.statement(statement.body)
        break
      case 'block':
        for (const each of statement.statements) this.statement(each)
        break
      case 'branches':
        for (const { start, statements } of statement.branches) {
          this.line('branch', { start, end: this.code.text.indexOf('\n', start + 1) })
          this.within(() => {
            for (const each of statements) this.statement(each)
          })
        }
        break
      case 'unknown':
        for (const each of statement.values) this.value(each)
    }
  }

  private value(value: Value): void {
    this.line(detailOf(value, this.code.text), value.span)
    this.within(() => this.operands(value))
  }

  private operands(value: Value): void {
    switch (value.kind) {
      case 'call':
        for (const each of [value.callee, ...value.operands]) this.value(each)
        break
      case 'member':
        this.value(value.object)
        break
      case 'index':
        this.value(value.object)
        this.value(value.index)
        break
      case 'cast':
      case 'unary':
        this.value(value.operand)
        break
      case 'assign':
        this.value(value.target)
        this.value(value.value)
        break
      case 'binary':
        this.value(value.left)
        this.value(value.right)
        break
      case 'conditional':
        for (const each of [value.condition, value.whenTrue, value.whenFalse]) this.value(each)
        break
      case 'group':
        this.value(value.inner)
        break
      case 'braces':
        if (value.entries === null) this.line('not split')
        for (const each of value.entries ?? []) this.entry(each)
        break
      case 'code':
        if (value.lambda) this.function(value.lambda)
        else for (const each of value.body) this.statement(each)
        break
      case 'unknown':
        for (const each of value.values) this.value(each)
    }
  }

  private entry(entry: Entry): void {
    if (entry.kind === 'item') {
      this.line(`item ${entry.designator ?? ''}${entry.holdsDirectives ? '#' : ''}`, entry.written)
      this.within(() => {
        this.line('all', entry.span)
        this.value(entry.value)
      })
      return
    }
    for (const { directive, entries } of entry.branches) {
      this.line('branch', directive)
      this.within(() => {
        for (const each of entries) this.entry(each)
      })
    }
    this.line(entry.hasElse ? 'all of them' : 'or none', entry.endif)
  }
}

function labelOf(statement: Statement): string {
  switch (statement.kind) {
    case 'declaration':
      return ['declaration', ...statement.types.map((each) => `type ${each}`), ...statement.prototypes].join(' ')
    case 'loop':
      return `loop ${statement.loop}`
    case 'jump':
      return `${statement.jump} ${statement.label}`
    case 'label':
      return `label ${statement.name}`
    case 'block':
      return `block ${statement.block}`
    case 'branches':
      return `branches${statement.hasElse ? ' with else' : ''}`
    default:
      return statement.kind
  }
}

function detailOf(value: Value, text: string): string {
  switch (value.kind) {
    case 'name':
      return value.scope === '' ? `name ${value.name}` : `name ${value.scope} :: ${value.name}`
    case 'literal':
      return value.literal
    case 'call':
      return `call ${text[value.open]}${text[value.close]}`
    case 'member':
      return `member ${text.slice(value.dot, value.dot + (value.arrow ? 2 : 1))} ${value.name}`
    case 'cast':
    case 'type':
      return `${value.kind} ${value.type}`
    case 'assign':
    case 'unary':
    case 'binary':
      return `${value.kind} ${value.operator}`
    default:
      return value.kind
  }
}

test.each(sources)('%s is read as it was', async (file) => {
  const text = readFileSync(join(here, file), 'latin1')
  const code = new FileCode(text, file.endsWith('.cpp'), (name) => /^(?:Py\w*Object|Spam|size_t)$/.test(name))
  await expect(new Printer(code).print()).toMatchFileSnapshot(join(here, `${file}.txt`))
})

/** Where names and calls of `places.*` stand, and what they are as texts. */
function placesIn(code: FileCode): string[] {
  const lines: string[] = []
  const at = (offset: Offset): string => `${code.text.slice(0, offset).split('\n').length}`
  const excerpt = ({ start, end }: Span): string => code.text.slice(start, end).replace(/\s+/g, ' ').slice(0, 40)
  const names = new Set(code.text.match(/[A-Za-z_]\w*/g))
  for (const name of names) {
    for (const { span, before, behind, isField, isInDirective } of code.occurrences(name)) {
      const around = code.codeAt(span.start)
      const named = around && nameAt(around, span.start)
      const marks = [
        isField && 'field',
        isInDirective && 'in directive',
        code.isInDirective(span.start) !== isInDirective && 'NOT AGREED',
        code.definesMacro(span.start) && 'defines',
        named && (named.scope === '' ? 'read' : `read as ${named.scope}::${named.name}`),
      ].filter(Boolean)
      const where = around ? `${around.kind} ${around.name}` : 'file'
      const macro = code.macroAt(span.start)?.name ?? ''
      lines.push(`${at(span.start)} ${before} ${name} ${behind} in ${where} ${macro}: ${marks.join(', ')}`)
    }
    const { length } = code.referencesIn(name, { start: 0, end: code.text.length })
    if (length !== code.references(name).length) lines.push('NOT AGREED')
  }
  const bodies = new Set(code.allFunctions())
  for (const { name } of code.directives.macros) for (const macro of code.macrosNamed(name)) bodies.add(macro)
  for (const body of bodies) {
    const value = body.kind === 'macro' ? bodyValue(body) : null
    const spaces = code.namespacesAt(body.nameSpan.start).map((name) => `${name}::`)
    lines.push(`== ${spaces.join('')}${body.name}${value ? ` is ${excerpt(value.span)}` : ''}`)
    const variables = [...variablesOf(body)].map(
      ([name, values]) => `${name} (${values.map(({ span }) => excerpt(span))})`,
    )
    lines.push(
      `variables ${variables.join(', ')}`,
      `outermost ${outermostStatements(body.body).map(({ kind }) => kind)}`,
    )
    const kinds = [...eachStatement(body.body)].map((each) => `${each.kind}${isBraceless(body, each) ? ' alone' : ''}`)
    lines.push(`statements ${kinds.join(', ')}`)
    for (const call of callsIn(body)) {
      const target = assignedTo(body, call)
      const alone = aloneStatement(body, call)
      const statement = statementOf(body, call)
      const marks = [
        statement && `in ${statement.kind} ${excerpt(statement.span)}`,
        statement && isInLoopHead(body, statement) && 'in the head of a loop',
        `outermost ${outermostStatement(body, call.span.start)?.kind}`,
        target && `into ${target.kind === 'variable' ? target.name : plainText(target)}`,
        alone && `alone${alone.inBlock ? ' in a block' : ''}`,
        mayBeSkipped(body, call) && 'may be skipped',
        `parent ${parentsIn(body).get(call)?.kind}`,
        code.directiveBefore(call.span.start),
        `behind ${JSON.stringify(leadOf(code.text, call.span))}`,
      ].filter(Boolean)
      lines.push(`${calleeName(call)} ${excerpt(call.span)}: ${marks.join(', ')}`)
    }
    if (body.name !== 'texts') continue
    for (const each of valuesInCode(body.body)) {
      const marks = [nameOf(each), addressed(each), pointedName(each), slotName(each), isNull(each) ? 'null' : '']
      lines.push(`${excerpt(each.span)}: ${plainText(each)}, ${marks.join(' ')}`)
    }
  }
  for (const { struct } of code.declarations) {
    const fields = struct ? code.fieldsIn(struct.span) : []
    if (struct)
      lines.push(`struct ${struct.tag}: ${fields ? fields.map(({ name, type }) => `${type} ${name}`) : 'not read'}`)
  }
  return lines
}

test.each(sources.filter((file) => file.startsWith('places')))('places in %s are what they were', async (file) => {
  const text = readFileSync(join(here, file), 'latin1')
  const lines = placesIn(new FileCode(text, file.endsWith('.cpp'), (name) => /^(?:Py\w*Object|T)$/.test(name)))
  const shown = lines.map((line) => `${line.trimEnd()}\n`).join('')
  await expect(shown).toMatchFileSnapshot(join(here, `${file}.places.txt`))
})
