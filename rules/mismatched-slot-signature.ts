import type { Finding, Rule } from '../analyzer/check/rule.ts'
import { valuesInCode } from '../analyzer/code/statements.ts'
import type { FunctionCode, Variable } from '../analyzer/code/tree.ts'
import { nameOf } from '../analyzer/code/values.ts'
import {
  conventionFlags,
  conventionName,
  methodFlag,
  type PassedValue,
  passedWith,
} from '../analyzer/knowledge/calling-conventions.ts'
import type { ProjectModel } from '../analyzer/project/model.ts'
import { buildDoubts, compiledAt } from '../analyzer/semantics/calls.ts'
import type { Effect } from '../analyzer/semantics/effect-list.ts'
import { effectsOf } from '../analyzer/semantics/effects.ts'
import type { Body } from '../analyzer/semantics/functions.ts'
import { type MethodDef, methodDefs } from '../analyzer/semantics/method-tables.ts'

const module = (parameters: string, body: string, flags: string): string =>
  `static PyObject *draw(${parameters})
{
    ${body}
    Py_RETURN_NONE;
}
PyMethodDef methods[] = {
    {"draw", (PyCFunction)(void (*)(void))draw, ${flags}, NULL},
    {NULL, NULL, 0, NULL},
};`

const parse = 'int x, y;\n    if (!PyArg_ParseTuple(args, "ii", &x, &y)) return NULL;'

export const mismatchedSlotSignature: Rule = {
  name: 'mismatched-slot-signature',
  summary: 'function that does not fit the flags of its `PyMethodDef`',
  explanation: `The flags of a \`PyMethodDef\` say how the function is called: \`METH_VARARGS\` passes two objects,
\`METH_VARARGS | METH_KEYWORDS\` three, \`METH_FASTCALL\` an array and its length. A cast to \`PyCFunction\` hides from
the compiler that the function has other parameters: one more than is passed holds whatever the register held before.
What \`METH_NOARGS\` passes as the second parameter is \`NULL\`, which no function that looks into an object survives;
what \`METH_O\` passes is the object itself, no tuple of arguments.`,
  severity: 'warning',
  effect: 'runtime-bug',
  examples: () => [
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: module(
        'PyObject *self, PyObject *args, PyObject *kwds',
        'if (kwds != NULL && PyDict_Size(kwds) > 0) return NULL;',
        'METH_VARARGS',
      ),
      reports: {
        at: '7:49 METH_VARARGS',
        message: '`draw` takes 3 parameters and `METH_VARARGS` passes 2: `kwds` holds garbage',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: module('PyObject *self, PyObject *args', parse, 'METH_NOARGS'),
      reports: {
        at: '4:10 PyArg_ParseTuple(args, "ii", &x, &y)',
        message: '`METH_NOARGS` passes `NULL` as `args` of `draw`, and `PyArg_ParseTuple` needs an object',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: module('PyObject *self, PyObject *args', parse, 'METH_O'),
      reports: {
        at: '4:10 PyArg_ParseTuple(args, "ii", &x, &y)',
        message: '`METH_O` passes one object as `args` of `draw`, which `PyArg_ParseTuple` needs to be a tuple',
        severity: 'info',
        notes: ['right where every caller passes a tuple'],
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: `#define WITH_KEYWORDS (METH_VARARGS | METH_KEYWORDS)
${module('PyObject *self, PyObject *args', parse, 'WITH_KEYWORDS')}`,
      reports: {
        at: '9:49 WITH_KEYWORDS',
        message: '`draw` takes 2 parameters and `METH_VARARGS | METH_KEYWORDS` passes 3: keyword arguments are ignored',
        severity: 'info',
      },
    },
    {
      kind: 'bad',
      target: '3.10',
      compiler: 'silent',
      code: module('PyObject *self, PyObject *args, PyObject *kwds', parse, 'METH_FASTCALL'),
      reports: {
        at: '8:49 METH_FASTCALL',
        message: '`METH_FASTCALL` passes an array of objects as `args` of `draw`, whose type is `PyObject *`',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: module('PyObject *self, PyObject *args', parse, 'METH_KEYWORDS'),
      reports: {
        at: '8:49 METH_KEYWORDS',
        message: 'no function is called with `METH_KEYWORDS`: Python raises `SystemError`',
        severity: 'error',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: `static void draw(PyObject *self, PyObject *args) {}
PyMethodDef draw_def = {"draw", (PyCFunction)(void (*)(void))draw, METH_VARARGS, NULL};`,
      reports: {
        at: '2:68 METH_VARARGS',
        message: 'Python takes what `draw` returns for an object, and its type is `void`',
      },
    },
    {
      kind: 'good',
      target: '3.9',
      code: '#define NOTHING NULL\n#define NO NOTHING\nPyMethodDef spam_methods[] = {{NO, NO, 0, NO}};',
    },
    {
      kind: 'good',
      target: '3.9',
      code: module('PyObject *self, PyObject *args, PyObject *kwds', parse, 'METH_VARARGS | METH_KEYWORDS'),
    },
    { kind: 'good', target: '3.9', code: module('PyObject *self, PyObject *args', parse, 'METH_VARARGS | METH_CLASS') },
    {
      kind: 'good',
      target: '3.9',
      code: module('PyObject *self, PyObject *args', 'if (args && PyTuple_Size(args)) return NULL;', 'METH_NOARGS'),
    },
    { kind: 'good', target: '3.9', code: module('PyObject *self', '(void)self;', 'METH_NOARGS') },
    {
      kind: 'good',
      target: '3.9',
      code: module(
        'PyObject *self, PyObject *state',
        'int x;\n    if (!PyTuple_Check(state) || !PyArg_ParseTuple(state, "i", &x)) return NULL;',
        'METH_O',
      ),
    },
    {
      kind: 'good',
      target: '3.12',
      code: `#define IS_FAST (Py_LIMITED_API+0 >= 0x030C0000)
#if IS_FAST
#define FLAGS METH_FASTCALL
#else
#define FLAGS METH_VARARGS
#endif
${module(
  `PyObject *self,
#if IS_FAST
    PyObject *const *args, Py_ssize_t n
#else
    PyObject *args
#endif
    `,
  '',
  'FLAGS',
)}`,
    },
    {
      kind: 'good',
      target: '3.12',
      file: 'spam.cpp',
      code: `template <int N, typename T> struct vec { PyObject ob_base; T items[N]; };
template <typename T> ${module('vec<1, T> *self, PyObject *', '(void)self;', 'METH_NOARGS').replace(
        '))draw,',
        '))draw<int>,',
      )}`,
    },
    {
      kind: 'good',
      target: '3.10',
      code: module('PyObject *self, PyObject *const *args, Py_ssize_t n', '(void)n;', 'METH_FASTCALL'),
    },
    {
      kind: 'good',
      target: '3.10',
      code: `#if Py_LIMITED_API >= 0x030A0000
#define FLAGS METH_FASTCALL
#else
#define FLAGS METH_VARARGS
#endif
${module(
  `PyObject *self,
#if Py_LIMITED_API >= 0x030A0000
    PyObject *const *args, Py_ssize_t count
#else
    PyObject *args
#endif
`,
  '(void)args;',
  'FLAGS',
)}`,
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: module(
        `PyObject *self,
#if Py_LIMITED_API >= 0x030A0000
    PyObject *args
#else
    PyObject *const *args, Py_ssize_t count
#endif
`,
        '(void)args;',
        'METH_VARARGS',
      ),
      reports: {
        at: '13:49 METH_VARARGS',
        message: '`METH_VARARGS` passes an object as `args` of `draw`, whose type is `PyObject **`',
      },
    },
  ],
  *check({ model, target }) {
    const seen = new Set<FunctionCode>()
    for (const def of methodDefs(model)) {
      const { file, span, flagBits } = def
      if (flagBits === null) continue
      const doubts = buildDoubts(compiledAt(model, file, span.start))
      const passed = passedWith(flagBits)
      const base = { file, ...span, symbol: conventionName(flagBits).split(' ')[0]!, fix: null, notes: doubts }
      if (passed === null) {
        if (target.level >= 8 && !isOwnFlag(flagBits)) yield { ...base, ...refused(flagBits) }
        continue
      }
      const found = signatureFault(model, def, passed, conventionName(flagBits))
      if (found !== null) {
        yield { ...base, ...found, notes: [...doubts, ...(found.notes ?? [])] }
        continue
      }
      for (const body of def.functions) {
        const use = seen.has(body.code) ? null : argumentFault(model, body, flagBits)
        if (use === null) continue
        seen.add(body.code)
        yield { ...base, ...use, file: body.file, notes: [...doubts, ...(use.notes ?? [])] }
      }
    }
  },
}

type Fault = Pick<Finding, 'message' | 'advice'> & Partial<Pick<Finding, 'start' | 'end' | 'severity' | 'notes'>>

const known = conventionFlags.reduce((all, each) => all | each, 0x70)

/** Whether flags hold others than those of CPython's, which a fork of it may know. */
const isOwnFlag = (flags: number): boolean => (flags & ~known) !== 0

const refused = (flags: number): Fault & Pick<Finding, 'effect'> => ({
  severity: 'error',
  effect: 'import-break',
  message: `no function is called with \`${conventionName(flags)}\`: Python raises \`SystemError\``,
  advice:
    'Write `METH_VARARGS`, `METH_VARARGS | METH_KEYWORDS`, `METH_NOARGS` or `METH_O`, as the function is written.',
})

/** What does not fit in the head of a function; null for nothing, or where one of several functions fits. */
function signatureFault(
  model: ProjectModel,
  { functions }: MethodDef,
  passed: readonly PassedValue[],
  flags: string,
): Fault | null {
  const found = functions.map((body) => headFault(model, body, passed, flags))
  return found.length > 0 && found.every((each) => each !== null) ? found[0]! : null
}

function headFault(model: ProjectModel, body: Body, passed: readonly PassedValue[], flags: string): Fault | null {
  const { name, parameters, hasParameters, result } = body.code
  if (!hasParameters || !parameters.every((each) => isCompiledWith(model, body, each))) return null
  const called = name === '' ? 'the function' : `\`${name}\``
  if (number.test(result) || result === 'void')
    return {
      message: `Python takes what ${called} returns for an object, and its type is \`${result}\``,
      advice: 'Return a new reference: `Py_RETURN_NONE` for nothing.',
    }
  const advice = adviceFor(parameters)
  const wrong = parameters.findIndex((each, index) => passed[index] !== undefined && !fits(each, passed[index]!))
  if (wrong >= 0) {
    const { type } = parameters[wrong]!
    return {
      message:
        `\`${flags}\` passes ${shown[passed[wrong]!]} as ${shownParameter(parameters, wrong)} of ${called}, ` +
        `whose type is \`${type.replace(/\*+$/, (stars) => ` ${stars}`)}\``,
      advice,
    }
  }
  const counts = `${called} takes ${parameters.length} parameters and \`${flags}\` passes ${passed.length}`
  if (parameters.length > passed.length) {
    const extra = parameters.slice(passed.length)
    const isUsed = extra.some((each) => isNamed(model, body, each))
    return {
      message: `${counts}: ${shownParameter(parameters, passed.length)} holds garbage`,
      advice,
      ...(isUsed ? {} : { severity: 'info', notes: ['the function does not look at it'] }),
    }
  }
  if (parameters.length !== 2 || flags !== conventionName(keywords)) return null
  return { message: `${counts}: keyword arguments are ignored`, advice, severity: 'info' }
}

/**
 * Whether a parameter is compiled wherever the body of its function is. Of parameters in branches of an `#if` those of
 * the last one are read, whichever it is that the target compiles.
 */
function isCompiledWith(model: ProjectModel, { file, code: { span } }: Body, { nameSpan }: Variable): boolean {
  const text = model.project.code(file)
  return (
    text.regionAt(nameSpan.start) === text.regionAt(span.start) || compiledAt(model, file, nameSpan.start) === 'yes'
  )
}

const keywords = methodFlag('METH_VARARGS')! | methodFlag('METH_KEYWORDS')!

const shown: Readonly<Record<PassedValue, string>> = {
  object: 'an object',
  null: '`NULL`',
  array: 'an array of objects',
  size: 'a number',
}

const ordinals = ['first', 'second', 'third', 'fourth', 'fifth']

function shownParameter(parameters: readonly Variable[], index: number): string {
  const { name } = parameters[index]!
  return name === '' ? `the ${ordinals[index] ?? 'last'} parameter` : `\`${name}\``
}

const number = /^(?:const )?(?:Py_ssize_t|size_t|ssize_t|int|long|unsigned(?: int| long)?|double|float|char|bool)$/

/** Whether a parameter may hold what is passed; also where its type is not known. */
function fits({ type }: Variable, passed: PassedValue): boolean {
  const pointers = /\**$/.exec(type)![0].length
  if (passed === 'size') return pointers === 0
  if (passed === 'array') return !number.test(type) && !/^(?:const )?PyObject\*$/.test(type)
  return !number.test(type) && !/^(?:const )?PyObject\*\*+$/.test(type)
}

/** The flags with which a function of such parameters is called. */
function adviceFor(parameters: readonly Variable[]): string {
  const fitting = conventionFlags.find((flags) => {
    const passed = passedWith(flags)!
    return passed.length === parameters.length && parameters.every((each, index) => fits(each, passed[index]!))
  })
  return fitting === undefined
    ? 'Give the function the parameters that its flags say.'
    : `Write \`${conventionName(fitting)}\`, or give the function the parameters that its flags say.`
}

/** Whether the body of a function names a parameter. */
const isNamed = (model: ProjectModel, { file, code }: Body, { name }: Variable): boolean =>
  name !== '' &&
  model.project
    .code(file)
    .namesIn(code.span)
    .some((each) => each.name === name)

const parsers = /^_?PyArg_(?:ParseTuple|VaParseTuple|UnpackTuple)|^PyTuple_(?:Get|GET_|Size)/

/** What a function does with its second parameter that it must not, by its flags; null for nothing. */
function argumentFault(model: ProjectModel, body: Body, flags: number): Fault | null {
  const isNull = (flags & methodFlag('METH_NOARGS')!) !== 0
  const { name, parameters } = body.code
  const argument = parameters[1]?.name
  if (!argument || (!isNull && (flags & methodFlag('METH_O')!) === 0) || !isMentioned(model, body, argument))
    return null
  if (isSet(body.code, argument)) return null
  const effects = effectsOf(model, body).filter(({ on }) => on?.parameter === 1 && on.as === 'object')
  const passed = isNull ? '`NULL`' : 'one object'
  const called = name === '' ? 'the function' : `\`${name}\``
  const how = `\`${conventionName(flags)}\` passes ${passed} as \`${argument}\` of ${called}`
  if (isNull) {
    if (effects.some(({ what }) => what === 'test')) return null
    const read = effects.find((effect) => needsObject(effect) && effect.on!.isCertain)
    if (read === undefined) return null
    const who = read.how === '' ? 'the function looks into it' : `\`${read.how}\` needs an object`
    return { ...read.top.span, message: `${how}, and ${who}`, advice: 'Write `METH_VARARGS`, or do not look at it.' }
  }
  if (effects.some((effect) => effect.what === 'read' && /^PyTuple_Check/.test(effect.how))) return null
  const parsed = effects.find((effect) => effect.what === 'read' && parsers.test(effect.how) && effect.on!.isCertain)
  if (parsed === undefined) return null
  return {
    ...parsed.top.span,
    severity: 'info',
    notes: ['right where every caller passes a tuple'],
    message: `${how}, which \`${parsed.how}\` needs to be a tuple`,
    advice: 'Write `METH_VARARGS`, or use the object itself.',
  }
}

const needsObject = ({ what, how }: Effect): boolean =>
  what === 'read' || ((what === 'incref' || what === 'decref') && /^Py_(?:INCREF|DECREF|NewRef)$/.test(how))

/** Whether the body of a function mentions a parameter: most of what is NULL is not, and need not be followed. */
const isMentioned = (model: ProjectModel, { file, code: { span } }: Body, name: string): boolean =>
  model.project
    .code(file)
    .occurrences(name)
    .some((each) => span.start <= each.span.start && each.span.start < span.end)

/** Whether a function gives a parameter another value. */
function isSet(code: FunctionCode, name: string): boolean {
  for (const value of valuesInCode(code.body)) {
    if (value.kind === 'assign' && nameOf(value.target) === name) return true
    if (value.kind === 'unary' && value.operator === '&' && nameOf(value.operand) === name) return true
  }
  return false
}
