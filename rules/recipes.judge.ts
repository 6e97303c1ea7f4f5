import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { parseTarget, showTarget, type Target } from '../analyzer/check/target.ts'
import type { CType } from '../analyzer/facts/file-facts.ts'
import type { Recipe } from '../analyzer/knowledge/recipe.ts'
import { recipes } from '../analyzer/knowledge/recipes/index.ts'
import { fetchHeaders, type HeaderVersion, headerVersions } from '../fixtures/headers.ts'
import { compile, directories, limited, minorOf, poolOf } from './compiler.judge.ts'
import { api, fixed, shims } from './harness.ts'
import { rules } from './index.ts'
import { shimHeader } from './shims/header.ts'

/**
 * Part of `npm run judge`: the compiler has the last word on recipes. For each a function is made that uses its left
 * side; the program fixes it at the lowest target at which the recipe is open; then gcc and g++ read it as it was,
 * with all headers that have the name, and fixed, with and without the Limited API, with all headers from the
 * target's on. There must be no error, and no warning that was not there before. What a recipe does when it runs is
 * not judged here.
 */

/** A function of one line, that uses what a recipe is for. */
interface Case {
  readonly recipe: Recipe
  readonly line: string
}

/** A case after it was fixed. */
interface Fixed extends Case {
  readonly target: Target
  readonly line: string
  readonly before: string
}

const run = promisify(execFile)
const work = await mkdtemp(join(tmpdir(), 'abi3lint-recipes-'))
const head = '#include <Python.h>\n#include <datetime.h>\n#include <frameobject.h>\n'
const faults: string[] = []

/** The functions that the headers of a version declare, with the types of their parameters. */
async function prototypes(version: HeaderVersion): Promise<ReadonlyMap<string, readonly string[]>> {
  const source = join(work, `prototypes-${version}.c`)
  const output = join(work, `prototypes-${version}.txt`)
  await writeFile(source, head)
  await run('gcc', ['-fsyntax-only', '-w', '-aux-info', output, ...(await directories(version)), source])
  const found = new Map<string, readonly string[]>()
  for (const line of (await readFile(output, 'latin1')).split('\n')) {
    const [, kind, name, parameters] = /^\/\* .*?:\d+:\w*([CF]) \*\/ .*?\b(\w+) \((.*?)\);/.exec(line) ?? []
    if (name === undefined || !/^_?Py/.test(name)) continue
    const types = parameters === 'void' ? [] : splitTypes(parameters!)
    found.set(name, kind === 'F' ? types.map((each) => each.replace(/\b\w+$/, '').trim()) : types)
  }
  return found
}

/** `int (*)(void *), void *` by its outer commas. */
function splitTypes(text: string): string[] {
  const found: string[] = []
  let depth = 0
  let from = 0
  for (let at = 0; at <= text.length; at++) {
    if (text[at] === '(') depth++
    else if (text[at] === ')') depth--
    else if (at === text.length || (text[at] === ',' && depth === 0)) {
      found.push(text.slice(from, at).trim())
      from = at + 1
    }
  }
  return found
}

/** What macros take that is no `PyObject *`: by their parameter in recipes, or by name and parameter. */
const parameterTypes: Readonly<Record<string, string>> = {
  i: 'Py_ssize_t',
  n: 'Py_ssize_t',
  nargsf: 'size_t',
  c: 'Py_UCS4',
  high: 'Py_UCS4',
  low: 'Py_UCS4',
  message: 'const char *',
  text: 'const char *',
  source: 'const char *',
  file: 'const char *',
  start: 'int',
  suppress: 'int',
  size: 'Py_ssize_t',
  nargs: 'Py_ssize_t',
  args: 'PyObject **',
  'PyEval_CallObject args': 'PyObject *',
  'PyType_SUPPORTS_WEAKREFS t': 'PyTypeObject *',
  '_PyObject_SIZE t': 'PyTypeObject *',
  '_PyObject_FastCall args': 'PyObject **',
  'PyUnicode_FromUnicode text': 'const wchar_t *',
}

/** Calls that no prototype tells: of macros whose name alone is rewritten, and of functions with a format. */
const calls: Readonly<Record<string, readonly [parameters: string, call: string]>> = {
  Py_SETREF: ['PyObject *a, PyObject *b', 'Py_SETREF(a, b)'],
  Py_XSETREF: ['PyObject *a, PyObject *b', 'Py_XSETREF(a, b)'],
  Py_MEMCPY: ['char *a, const char *b, size_t n', 'Py_MEMCPY(a, b, n)'],
  PyEval_CallFunction: ['PyObject *f, int n', 'PyEval_CallFunction(f, "(i)", n)'],
  PyEval_CallMethod: ['PyObject *f, int n', 'PyEval_CallMethod(f, "name", "(i)", n)'],
  _PyObject_CallFunction_SizeT: ['PyObject *f, int n', '_PyObject_CallFunction_SizeT(f, "(i)", n)'],
  _PyObject_CallMethod_SizeT: ['PyObject *f, int n', '_PyObject_CallMethod_SizeT(f, "name", "(i)", n)'],
  _Py_BuildValue_SizeT: ['int n', '_Py_BuildValue_SizeT("(i)", n)'],
  PyErr_FormatUnraisable: ['int n', 'PyErr_FormatUnraisable("%d", n)'],
  _Py_SET_TYPE: ['PyObject *a, PyTypeObject *t', '_Py_SET_TYPE(a, t)'],
  _Py_SET_SIZE: ['PyVarObject *a, Py_ssize_t n', '_Py_SET_SIZE(a, n)'],
  _Py_SET_REFCNT: ['PyObject *a, Py_ssize_t n', '_Py_SET_REFCNT(a, n)'],
  _Py_IS_TYPE: ['PyObject *a, PyTypeObject *t', '_Py_IS_TYPE(a, t)'],
  _PyObject_TypeCheck: ['PyObject *a, PyTypeObject *t', '_PyObject_TypeCheck(a, t)'],
  _PyInterpreterState_Get: ['', '_PyInterpreterState_Get()'],
  _PyUnicode_AsStringAndSize: ['PyObject *s, Py_ssize_t *n', '_PyUnicode_AsStringAndSize(s, n)'],
  _Py_HashPointer: ['void *p', '_Py_HashPointer(p)'],
  _PyObject_Vectorcall: [
    'PyObject *f, PyObject *const *args, size_t n, PyObject *names',
    '_PyObject_Vectorcall(f, args, n, names)',
  ],
  _PyObject_VectorcallMethod: [
    'PyObject *name, PyObject *const *args, size_t n, PyObject *names',
    '_PyObject_VectorcallMethod(name, args, n, names)',
  ],
  _PyObject_FastCallKeywords: [
    'PyObject *f, PyObject *const *args, Py_ssize_t n, PyObject *names',
    '_PyObject_FastCallKeywords(f, args, n, names)',
  ],
  _PyObject_FastCallDict: [
    'PyObject *f, PyObject *const *args, size_t n, PyObject *d',
    '_PyObject_FastCallDict(f, args, n, d)',
  ],
  _PyType_GetModuleByDef: ['PyTypeObject *t, PyModuleDef *d', '_PyType_GetModuleByDef(t, d)'],
  PyDate_FromDate: ['int y, int m, int d', 'PyDate_FromDate(y, m, d)'],
  PyDateTime_FromDateAndTime: ['int y, int m, int d', 'PyDateTime_FromDateAndTime(y, m, d, 1, 2, 3, 4)'],
  PyDateTime_FromDateAndTimeAndFold: [
    'int y, int m, int d',
    'PyDateTime_FromDateAndTimeAndFold(y, m, d, 1, 2, 3, 4, 0)',
  ],
  PyDateTimeAPI: ['', 'PyDateTimeAPI == NULL'],
  PyTime_FromTime: ['int h, int m', 'PyTime_FromTime(h, m, 1, 2)'],
  PyTime_FromTimeAndFold: ['int h, int m', 'PyTime_FromTimeAndFold(h, m, 1, 2, 0)'],
  PyDelta_FromDSU: ['int d, int s', 'PyDelta_FromDSU(d, s, 1)'],
  PyTimeZone_FromOffset: ['PyObject *o', 'PyTimeZone_FromOffset(o)'],
  PyTimeZone_FromOffsetAndName: ['PyObject *o, PyObject *n', 'PyTimeZone_FromOffsetAndName(o, n)'],
  PyDate_FromTimestamp: ['PyObject *o', 'PyDate_FromTimestamp(o)'],
  PyDateTime_FromTimestamp: ['PyObject *o', 'PyDateTime_FromTimestamp(o)'],
  PyRun_String: ['const char *s, PyObject *g', 'PyRun_String(s, Py_file_input, g, g)'],
  PyRun_SimpleString: ['const char *s', 'PyRun_SimpleString(s)'],
}

/** What an operand is written as where the recipe asks for it. */
const literals = [
  'NULL',
  '0',
  '1',
  '-1',
  '__FILE__',
  '__LINE__',
  'PyUnicode_1BYTE_KIND',
  'PyUnicode_2BYTE_KIND',
  'PyUnicode_4BYTE_KIND',
]

/** A declaration of a variable that a value of a C type goes into; null where that says nothing. */
function variableOf(type: CType): string | null {
  if (type === '' || type === 'void' || type.includes('(') || type === '-') return null
  const decayed = type.replace(/\[\]$/, '*')
  return undeclared[decayed] ?? `${decayed} r`
}

/** Variables of types that are not declared everywhere under the Limited API, or are not quite what the table says. */
const undeclared: Readonly<Record<string, string>> = {
  'char*': 'const char *r',
  'PyMemberDef*': 'struct PyMemberDef *r',
  sendfunc: 'PySendResult (*r)(PyObject *, PyObject *, PyObject **)',
  getbufferproc: 'int (*r)(PyObject *, Py_buffer *, int)',
  releasebufferproc: 'void (*r)(PyObject *, Py_buffer *)',
}

/** Something done with an expression of a type. */
const using = (type: CType, expression: string, isStatement: boolean): string => {
  const variable = isStatement ? null : variableOf(type)
  return variable === null
    ? `${isStatement || type === 'void' ? '' : '(void)'}${expression};`
    : `${variable} = ${expression}; (void)r;`
}

/** The function for a recipe. @param known prototypes by header version, oldest first */
function caseOf(
  recipe: Recipe,
  index: number,
  known: readonly ReadonlyMap<string, readonly string[]>[],
): Case | string {
  const { name, parameters, conditions } = recipe
  const line = (declared: string, body: string): Case => {
    // An operand that is left out is no unused parameter here.
    const used = splitTypes(declared)
      .map((each) => /\w+$/.exec(each)?.[0])
      .filter((each) => each !== undefined)
      .map((each) => `(void)${each}; `)
      .join('')
    return {
      recipe,
      line: `void f${index}(${declared || 'void'}); void f${index}(${declared || 'void'}) { ${used}${body} }`,
    }
  }
  const [struct, field, through] = name.split('.')
  if (field !== undefined) {
    const outer = api.struct(struct!)!.fields.get(field) ?? ''
    // The Limited API does not declare all structs: people cast to them.
    const [declared, object] = /^Py(?:Type|Var)?Object$|^PyThreadState$|^PyFrameObject$/.test(struct!)
      ? [`${struct} *it`, 'it']
      : ['PyObject *it', `((${struct} *)it)`]
    if (through === undefined) return line(declared, using(outer, `${object}->${field}`, false))
    const inner = api.struct(outer.replace(/\*$/, ''))?.fields.get(through) ?? ''
    return line(declared, using(inner, `${object}->${field}${outer.endsWith('*') ? '->' : '.'}${through}`, false))
  }
  const [object, member] = name.split('->')
  if (member !== undefined)
    return line('', using(api.struct(api.nameType(object!)!.replace(/\*$/, ''))!.fields.get(member) ?? '', name, false))
  const fact = api.fact(name)!
  const result = fact.type.endsWith('()') ? fact.type.slice(0, -2) : fact.type
  const isStatement = conditions.statement ?? false
  const told = calls[name]
  if (told) return line(told[0], using(result, told[1], isStatement || !fact.type.endsWith('()')))
  const prototype =
    known.flatMap((each) => each.get(name) ?? []).length > 0 || known.some((each) => each.has(name))
      ? known
          .map((each) => each.get(name))
          .filter((each) => each !== undefined && (parameters === null || each.length === parameters.length))
          .at(-1)
      : undefined
  if (parameters === null && prototype === undefined) {
    if (fact.type.endsWith('()')) return 'no prototype'
    return line('', isStatement ? `${name};` : `${result === '' ? 'long' : result} r = ${name}; (void)r;`)
  }
  if (prototype?.some((type) => /\.\.\.|\(/.test(type))) return 'a prototype with a format or a function'
  const names = parameters ?? prototype!.map((_, at) => `p${at}`)
  const types = names.map(
    (each, at) => parameterTypes[`${name} ${each}`] ?? prototype?.[at] ?? parameterTypes[each] ?? 'PyObject *',
  )
  const literal = new Map(
    conditions.literals?.map(([operand, written]) => [operand, literals.find((each) => written.test(each)) ?? '?']),
  )
  const operands = names.map((each, at) => literal.get(at) ?? each)
  const declared = names.flatMap((each, at) => (literal.has(at) ? [] : [`${types[at]} ${each}`]))
  if (conditions.fresh) {
    const maker = name.startsWith('PyTuple') ? 'PyTuple_New' : 'PyList_New'
    return line(
      declared.slice(1).join(', '),
      `PyObject *${names[0]} = ${maker}(1); ${isStatement ? '' : '(void)0, '}${name}(${operands.join(', ')});`,
    )
  }
  return line(declared.join(', '), using(result, `${name}(${operands.join(', ')})`, isStatement))
}

/** Fixes cases, those of one rank among the recipes of their names, at one target. @returns those whose name is gone */
async function fixCases(cases: readonly Case[], target: Target): Promise<Fixed[]> {
  const cookbook = new Map(cases.map(({ recipe }) => [recipe.name, [recipe]]))
  const text = `${head}${cases.map(({ line }) => line).join('\n')}\n`
  const after = (await fixed({ 'cases.c': text }, rules, [target], true, { recipes: cookbook, shims }))['cases.c']!
  const lines = after.split('\n').slice(-cases.length - 1)
  return cases.flatMap((each, at) => {
    const last = each.recipe.name.split(/\.|->/)[1] ?? each.recipe.name
    return new RegExp(`\\b${last}\\b`).test(lines[at]!.replace(/"[^"]*"/g, '""'))
      ? []
      : [{ ...each, target, before: each.line, line: lines[at]! }]
  })
}

const known = await Promise.all(
  headerVersions.map(async (version) => {
    await fetchHeaders(version)
    return prototypes(version)
  }),
)
const targets = ['3.7', '3.8', '3.9', '3.10', '3.11', '3.12', '3.13', '3.14', '3.15', 'abi3t'].map(
  (text) => parseTarget(text)!,
)
const done: Fixed[] = []
const ranks = Math.max(...[...recipes.values()].map((list) => list.length))
let index = 0
for (let rank = 0; rank < ranks; rank++) {
  let waiting: Case[] = []
  for (const list of recipes.values()) {
    const recipe = list[rank]
    if (!recipe) continue
    const made = caseOf(recipe, index++, known)
    if (typeof made === 'string') faults.push(`${recipe.name} -> ${recipe.shown}: no example: ${made}`)
    else waiting.push(made)
  }
  for (const target of targets) {
    if (waiting.length === 0) break
    const found = await fixCases(waiting, target)
    done.push(...found)
    const gone = new Set(found.map(({ recipe }) => recipe))
    waiting = waiting.filter(({ recipe }) => !gone.has(recipe))
  }
  for (const { recipe, line } of waiting)
    faults.push(`${recipe.name} -> ${recipe.shown}: at no target the program rewrites it: ${line}`)
}

/** What a compiler says of each case: lines of errors, and of warnings. */
interface Said {
  readonly errors: ReadonlyMap<Fixed, string>
  readonly warnings: ReadonlyMap<Fixed, string>
}

const isField = (name: string): boolean => /\.|->/.test(name)

let compiled = 0
async function judge(
  cases: readonly Fixed[],
  text: (each: Fixed) => string,
  version: HeaderVersion,
  cxx: boolean,
  options: readonly string[],
): Promise<Said> {
  const file = join(work, `judge-${compiled++}.${cxx ? 'cpp' : 'c'}`)
  const includes = new Set(cases.flatMap(({ recipe }) => recipe.conditions.includes ?? []))
  const used = new Set(cases.flatMap(({ recipe }) => recipe.shims))
  const header = `${file}.h`
  const level = Math.min(...cases.map(({ target }) => target.level))
  if (used.size > 0)
    await writeFile(
      header,
      shimHeader(
        [...used].filter((shim) => shims.get(shim)! <= level),
        level,
      ),
    )
  const front =
    head + [...includes].map((each) => `#include ${each}\n`).join('') + (used.size > 0 ? `#include "${header}"\n` : '')
  const headLines = front.split('\n').length - 1
  await writeFile(file, `${front}${cases.map(text).join('\n')}\n`)
  const said = await compile(file, version, options)
  const errors = new Map<Fixed, string>()
  const warnings = new Map<Fixed, string>()
  for (const { line, kind, message } of said) {
    const each = cases[line - 1 - headLines]
    if (each === undefined) faults.push(`headers ${version} ${cxx ? 'C++' : 'C'} ${options.join(' ')}: ${message}`)
    else (kind === 'error' ? errors : warnings).set(each, message)
  }
  return { errors, warnings }
}

const asItWas = new Map<Fixed, number>()
await poolOf(
  headerVersions.flatMap((version) =>
    [false, true].map((cxx) => async () => {
      const headers = minorOf(version)
      const before = await judge(done, ({ before: line }) => line, version, cxx, [])
      for (const each of done) {
        if (!before.errors.has(each)) asItWas.set(each, (asItWas.get(each) ?? 0) + 1)
        else if (
          !isField(each.recipe.name) &&
          api.inFullApi(api.fact(each.recipe.name)!, headers) &&
          isSame(each, version)
        ) {
          faults.push(
            `${each.recipe.name}: as it was, headers ${version}, ${cxx ? 'C++' : 'C'}: ${before.errors.get(each)}\n ` +
              ` ${each.before}`,
          )
        }
      }
      const later = done.filter(({ target }) => target.level <= headers)
      const report = (how: string, { errors, warnings }: Said): void => {
        for (const [each, message] of errors)
          faults.push(
            `${each.recipe.name} -> ${each.recipe.shown}: ${how}, headers ${version}, ${cxx ? 'C++' : 'C'}: ` +
              `${message}\n  ${each.line}`,
          )
        for (const [each, message] of warnings) {
          if (!before.warnings.has(each) && !before.errors.has(each))
            faults.push(
              `${each.recipe.name} -> ${each.recipe.shown}: ${how}, headers ${version}, ${cxx ? 'C++' : 'C'}: new ` +
                `warning: ${message}\n  ${each.line}`,
            )
        }
      }
      for (const target of targets) {
        const cases = later.filter((each) => each.target === target)
        if (cases.length === 0) continue
        report('fixed, not limited', await judge(cases, ({ line }) => line, version, cxx, []))
        report(
          `fixed, level ${showTarget(target)}`,
          await judge(cases, ({ line }) => line, version, cxx, limited(target)),
        )
      }
    }),
  ),
)
const isKnown = ({ recipe: { name } }: Fixed): boolean =>
  isField(name) || headerVersions.some((version) => api.inFullApi(api.fact(name)!, minorOf(version)))
for (const each of done)
  if (!asItWas.has(each) && isKnown(each))
    faults.push(`${each.recipe.name}: as it was it compiles nowhere\n  ${each.before}`)

/** Whether the headers of a version declare a function with as many parameters as the recipe has. */
function isSame({ recipe }: Fixed, version: HeaderVersion): boolean {
  const prototype = known[headerVersions.indexOf(version)]!.get(recipe.name)
  return recipe.parameters === null || prototype === undefined || prototype.length === recipe.parameters.length
}

await rm(work, { recursive: true })
for (const fault of faults) process.stdout.write(`${fault}\n`)
const safe = done.filter(({ recipe }) => recipe.differs === '').length
process.stdout.write(`recipes: ${done.length} judged (${safe} safe), ${faults.length} faults\n`)
process.exitCode = faults.length > 0 ? 1 : 0
