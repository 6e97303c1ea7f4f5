import type { CheckContext, Finding, Rule } from '../analyzer/check/rule.ts'
import { aloneStatement, nameAt, parentsIn } from '../analyzer/code/placement.ts'
import type { AssignValue, CallValue, FunctionCode, UnaryValue, Value, Variable } from '../analyzer/code/tree.ts'
import { variablesIn } from '../analyzer/code/variables.ts'
import { macroAround } from '../analyzer/facts/macro-index.ts'
import type { Fix } from '../analyzer/fix/fix.ts'
import { castPieces } from '../analyzer/fix/recipe-fix.ts'
import { showVersion } from '../analyzer/knowledge/version.ts'
import { buildDoubts, compiledAt } from '../analyzer/semantics/calls.ts'
import { type Accessor, accessorMacros, accessors, lvalueUse } from '../analyzer/semantics/lvalues.ts'
import type { FileId, Span } from '../analyzer/source/text.ts'

export const accessorMacroLvalue: Rule = {
  name: 'accessor-macro-lvalue',
  summary: '`Py_TYPE`, `Py_SIZE` or `Py_REFCNT` that is assigned to, or whose address is taken',
  explanation: `Up to CPython 3.9 these were macros for a field of the object, so \`Py_SIZE(o) = n\` and
\`&Py_TYPE(o)\` did compile. They are functions since, \`Py_REFCNT\` in the headers of 3.10 and the others in those of
3.11, with and without \`Py_LIMITED_API\`: what they give is a value. \`Py_SET_TYPE\`, \`Py_SET_SIZE\` and
\`Py_SET_REFCNT\` set the fields, in the headers of 3.9 and newer at every level.`,
  severity: 'error',
  effect: 'build-break',
  examples: () => [
    {
      kind: 'bad',
      target: '3.12',
      code: 'void f(PyObject *o, PyTypeObject *type) { Py_TYPE(o) = type; }',
      reports: {
        at: '1:43 Py_TYPE',
        message: '`Py_TYPE` is a function in the headers of 3.11 and newer: what it gives cannot be assigned to',
      },
      fixed: 'void f(PyObject *o, PyTypeObject *type) { Py_SET_TYPE(o, type); }',
    },
    {
      kind: 'bad',
      target: '3.9',
      code: 'void f(PyObject *o) { Py_SIZE(o)--; }',
      reports: {
        at: '1:23 Py_SIZE',
        message: '`Py_SIZE` is a function in the headers of 3.11 and newer: what it gives cannot be assigned to',
      },
      fixed: 'void f(PyObject *o) { Py_SET_SIZE((PyVarObject *)o, Py_SIZE(o) - 1); }',
    },
    {
      kind: 'bad',
      target: '3.12',
      code: 'void f(PyObject *o, Py_ssize_t n) { if (n) (Py_REFCNT(o)) += n ? n : 1; }',
      reports: {
        at: '1:45 Py_REFCNT',
        message: '`Py_REFCNT` is a function in the headers of 3.10 and newer: what it gives cannot be assigned to',
      },
      fixed: 'void f(PyObject *o, Py_ssize_t n) { if (n) Py_SET_REFCNT(o, Py_REFCNT(o) + (n ? n : 1)); }',
    },
    {
      kind: 'bad',
      target: '3.12',
      code: 'Py_ssize_t *f(PyObject *o) { return &Py_SIZE(o); }',
      reports: {
        at: '1:38 Py_SIZE',
        message: '`Py_SIZE` is a function in the headers of 3.11 and newer: what it gives has no address',
      },
    },
    {
      kind: 'bad',
      file: 'spam.cpp',
      target: '3.12',
      code: 'void f(PyObject *o) { auto &n = Py_SIZE(o); n = 0; }',
      reports: {
        at: '1:33 Py_SIZE',
        message: '`Py_SIZE` is a function in the headers of 3.11 and newer: what it gives is nothing to refer to',
      },
    },
    {
      kind: 'bad',
      file: 'spam.cpp',
      target: '3.12',
      code: 'void f(PyObject *o, PyTypeObject *type) { PyTypeObject *&was{Py_TYPE(o)}; was = type; }',
      reports: {
        at: '1:62 Py_TYPE',
        message: '`Py_TYPE` is a function in the headers of 3.11 and newer: what it gives is nothing to refer to',
      },
    },
    {
      kind: 'good',
      file: 'spam.cpp',
      target: '3.12',
      code: `void f(PyObject *o) {
    const Py_ssize_t &a = Py_SIZE(o);
    auto &&b = Py_SIZE(o);
    auto const &c(Py_SIZE(o));
    PyTypeObject *const &type = Py_TYPE(o);
    (void)a, (void)b, (void)c, (void)type;
}`,
    },
    {
      kind: 'bad',
      target: '3.12',
      code: '#define SIZE(o) Py_SIZE((PyObject *)(o))\nvoid f(PyObject *o) { SIZE(o) = 3; }',
      reports: {
        at: '2:23 SIZE',
        message: '`Py_SIZE` is a function in the headers of 3.11 and newer: what it gives cannot be assigned to',
        notes: ['`SIZE` is a macro for it'],
      },
    },
    {
      kind: 'good',
      target: '3.12',
      code: `Py_ssize_t f(PyVarObject *o, Py_ssize_t *n) {
    *n = Py_SIZE((PyObject *)o);
    Py_SET_SIZE(o, 3);
    return sizeof(Py_REFCNT((PyObject *)o));
}`,
    },
    {
      kind: 'good',
      target: '3.9',
      headers: '3.9',
      code: 'void f(PyObject *o, PyTypeObject *type) { Py_TYPE(o) = type; }',
    },
    {
      kind: 'good',
      target: '3.12',
      code: `#if PY_VERSION_HEX < 0x03090000
#define Py_SET_TYPE(o, type) (Py_TYPE(o) = (type))
#endif
void f(PyObject *o, PyTypeObject *type) { Py_SET_TYPE(o, type); }`,
    },
  ],
  *check(context) {
    const { model, target } = context
    const macros = accessorMacros(model)
    for (const [name, accessor] of [...accessors.keys(), ...macros.keys()].map(
      (each) => [each, macros.get(each) ?? each] as const,
    )) {
      const { since } = accessors.get(accessor)!
      if (target.headers < since) continue
      for (const file of model.project.filesWith(name)) {
        const code = model.project.code(file)
        for (const { span } of code.occurrences(name)) {
          const around = code.codeAt(span.start)
          const callee = around && nameAt(around, span.start)
          const call = callee && parentsIn(around).get(callee)
          const use = call?.kind === 'call' && call.callee === callee ? lvalueUse(around!, call) : null
          if (call?.kind !== 'call' || use === null) continue
          const finding = findingAt(context, { file, around: around!, call, use, name, accessor })
          if (finding) yield finding
        }
      }
    }
  },
}

interface LvalueUse {
  readonly file: FileId
  readonly around: FunctionCode
  readonly call: CallValue
  readonly use: AssignValue | UnaryValue | Variable
  /** What is called, the accessor or a macro for it. */
  readonly name: string
  readonly accessor: string
}

function findingAt(context: CheckContext, found: LvalueUse): Finding | null {
  const { model } = context
  const { file, around, call, use, name, accessor } = found
  const compiled = compiledAt(model, file, call.span.start)
  const isOwn = model.isProjectDefined(file, accessor)
  if (compiled === 'no' || isOwn === 'yes') return null
  const { since, setter } = accessors.get(accessor)!
  const doubts = [
    ...buildDoubts(compiled),
    ...(isOwn === 'unknown' ? ['the project defines the name itself in some builds'] : []),
  ]
  const isKept = use.kind === 'variable' || use.operator === '&'
  return {
    file,
    ...call.callee.span,
    macro: around.kind === 'macro' ? macroAround(model.files[file]!, around.span.start) : -1,
    symbol: accessor,
    message:
      `\`${accessor}\` is a function in the headers of ${showVersion(since)} and newer: what it gives ` +
      (use.kind === 'variable' ? 'is nothing to refer to' : isKept ? 'has no address' : 'cannot be assigned to'),
    advice: !model.declares(setter)
      ? `Nothing sets it here: \`${setter}\` is not in the Limited API of this target.`
      : isKept
        ? `Read it with \`${accessor}\` and set it with \`${setter}\`.`
        : `Write \`${setter}\`.`,
    ...(doubts.length > 0 ? { severity: 'warning' } : {}),
    notes: [...doubts, ...(name === accessor ? [] : [`\`${name}\` is a macro for it`])],
    fix: name === accessor && model.declares(setter) ? fixFor(found, accessors.get(accessor)!, context) : null,
  }
}

/** What is written for a whole statement; null where the value is used, or an operand would be evaluated twice. */
function fixFor(
  { file, around, call, use }: LvalueUse,
  { setter, object }: Accessor,
  { model, target: { level } }: CheckContext,
): Fix | null {
  const [operand] = call.operands
  if (!operand || use.kind === 'variable' || use.operator === '&' || aloneStatement(around, use) === null) return null
  const added = addedBy(use)
  if (added === null || (added.operator !== '' && operand.kind !== 'name')) return null
  const isTyped = typeIn(around, operand) === `${object}*`
  const needsParentheses = !simple.has(operand.kind)
  const first = isTyped ? [operand.span] : castPieces(`${object}*`, { ...operand.span, needsParentheses })
  const read = added.operator === '' ? [] : [call.span, ` ${added.operator} `]
  // The blank behind the operator stays.
  const comma =
    read.length === 0 && use.kind === 'assign' && /\s/.test(model.project.code(file).text[use.value.span.start - 1]!)
      ? ','
      : ', '
  return {
    title: `write \`${setter}\``,
    safety: level >= 9 ? 'safe' : 'unsafe',
    reason: level >= 9 ? '' : `the headers of 3.8 and older have no \`${setter}\``,
    includes: [],
    shims: [],
    kind: 'file',
    rewrites: [{ ...use.span, pieces: [`${setter}(`, ...first, comma, ...read, ...added.value, ')'] }],
  }
}

const simple: ReadonlySet<Value['kind']> = new Set(['name', 'literal', 'call', 'member', 'index', 'cast', 'group'])

/** What is assigned, and by which operator it is put together with what was there; an empty one for none. */
function addedBy(use: AssignValue | UnaryValue): { operator: string; value: readonly (string | Span)[] } | null {
  if (use.kind === 'unary') return { operator: use.operator.includes('+') ? '+' : '-', value: ['1'] }
  const operator = use.operator.slice(0, -1)
  if (use.value.kind === 'unknown' || use.value.kind === 'braces') return null
  const isWhole =
    operator === '' ? use.value.kind !== 'binary' || use.value.operator !== ',' : simple.has(use.value.kind)
  return { operator, value: isWhole ? [use.value.span] : ['(', use.value.span, ')'] }
}

/** The type that a name is declared with in a function, or that a value is cast to; null where neither is written. */
function typeIn(code: FunctionCode, value: Value): string | null {
  if (value.kind === 'cast') return value.type
  if (value.kind !== 'name') return null
  const declared = [...code.parameters, ...variablesIn(code)].filter(({ name }) => name === value.name)
  return declared.length === 1 ? declared[0]!.type : null
}
