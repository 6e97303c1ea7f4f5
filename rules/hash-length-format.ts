import { buildText } from '../analyzer/build/build-text.ts'
import type { CheckContext, Rule } from '../analyzer/check/rule.ts'
import { bodyValue } from '../analyzer/code/statements.ts'
import { nameOf } from '../analyzer/code/values.ts'
import { macroAround } from '../analyzer/facts/macro-index.ts'
import { oldestPython } from '../analyzer/knowledge/target.ts'
import { showVersion } from '../analyzer/knowledge/version.ts'
import { callsEverywhere } from '../analyzer/semantics/callers.ts'
import { buildDoubts, compiledAt } from '../analyzer/semantics/calls.ts'
import { firstPythonInclude, includedFile } from '../analyzer/semantics/python-include.ts'
import { Texts } from '../analyzer/semantics/texts.ts'
import type { FileId, RegionId, Span } from '../analyzer/source/text.ts'

export const hashLengthFormat: Rule = {
  name: 'hash-length-format',
  summary: 'format with `#` whose length older Pythons take for an `int`',
  explanation: `\`s#\`, \`y#\` and \`z#\` stand for a pointer and a length. Up to 3.9 that length is an \`int\`
unless a module calls functions of other names, which \`PY_SSIZE_T_CLEAN\` sees to; 3.10 to 3.12 raise
\`SystemError: PY_SSIZE_T_CLEAN macro must be defined for '#' formats\` in the plain functions. The headers of 3.13
and later use the plain functions with and without the macro. So a module built with them writes half a
\`Py_ssize_t\` on 3.9, and fails on 3.10 to 3.12. A source that defines the macro is right if the build uses older
headers, such as those of the target: that is a warning.

Use \`y*\` or \`s*\` with a \`Py_buffer\` (level 3.11), which \`PyBuffer_Release\` gives back, or \`O\` with
\`PyBytes_AsStringAndSize\` and its like: they are the same with all headers. Less work, where all wheels are built
with headers of 3.12 or older: \`#define PY_SSIZE_T_CLEAN\` before \`Python.h\`, and \`Py_ssize_t\` for each length.`,
  severity: 'error',
  effect: 'abi-break',
  examples: () => [
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: `#define STRING(x) #x
#define EXPANDED(x) STRING(x)
#define FORMAT s#
int f(PyObject *args, const char **s, int *n) { return PyArg_ParseTuple(args, EXPANDED(FORMAT), s, n); }
int g(PyObject *args, const char **s) { return PyArg_ParseTuple(args, STRING(FORMAT), s); }`,
      reports: {
        at: '4:79 EXPANDED(FORMAT)',
        message:
          '`#` in the format `s#` of `PyArg_ParseTuple`: Pythons up to 3.9 write an `int` to the length, ' +
          '3.10 to 3.12 raise `SystemError`',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      file: 'spam.cpp',
      code: `#include <Python.h>
int f(PyObject *args, const char **s, int *n) { return PyArg_ParseTuple(args, u8R"x(s#)x", s, n); }`,
      reports: {
        at: '2:79 u8R"x(s#)x"',
        message:
          '`#` in the format `s#` of `PyArg_ParseTuple`: Pythons up to 3.9 write an `int` to the length, ' +
          '3.10 to 3.12 raise `SystemError`',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code:
        '#define PY_SSIZE_T_CLEAN\n#include <Python.h>\nint f(PyObject *args) { const char *s; Py_ssize_t n; ' +
        'return PyArg_ParseTuple(args, "s#", &s, &n); }',
      reports: {
        at: '3:84 "s#"',
        message:
          '`#` in the format `s#` of `PyArg_ParseTuple`: built with headers of 3.13 or newer, Pythons up to 3.9 ' +
          'write an `int` to the length, 3.10 to 3.12 raise `SystemError`',
        severity: 'warning',
      },
    },
    {
      kind: 'bad',
      target: '3.12',
      headers: '3.15',
      compiler: 'silent',
      code: 'PyObject *f(const char *s, Py_ssize_t n) { return Py_BuildValue("(y#)", s, n); }',
      reports: { at: '1:65 "(y#)"', message: '`#` in the format `(y#)` of `Py_BuildValue`: 3.12 raises `SystemError`' },
    },
    {
      kind: 'bad',
      target: '3.9',
      headers: '3.11',
      compiler: 'silent',
      code: 'int f(PyObject *args) { const char *s; int n; return PyArg_ParseTuple(args, "y#", &s, &n); }',
      reports: {
        at: '1:77 "y#"',
        message:
          '`#` in the format `y#` of `PyArg_ParseTuple`: Pythons up to 3.9 write an `int` to the length, 3.10 to ' +
          '3.12 raise `SystemError`',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      headers: '3.11',
      compiler: 'silent',
      code: `#define HASH "#"
static const char *const formats[] = {"O", "y" HASH};
int f(PyObject *args, int k) { const char *s; int n; return PyArg_ParseTuple(args, formats[k], &s, &n); }`,
      reports: {
        at: '3:84 formats[k]',
        message:
          '`#` in the format `y#` of `PyArg_ParseTuple`: Pythons up to 3.9 write an `int` to the length, 3.10 to ' +
          '3.12 raise `SystemError`',
      },
    },
    {
      kind: 'bad',
      target: '3.12',
      headers: '3.15',
      compiler: 'silent',
      code: `#define CALL(f, format, ...) PyObject_CallFunction(f, #format, __VA_ARGS__)
PyObject *g(PyObject *f, const char *s, int n) { return CALL(f, y#, s, n); }`,
      reports: {
        at: '2:65 y#',
        message: '`#` in the format `y#` of `PyObject_CallFunction`: 3.12 raises `SystemError`',
      },
    },
    {
      kind: 'good',
      target: '3.11',
      code: `PyObject *f(PyObject *args) {
  Py_buffer data;
  if (!PyArg_ParseTuple(args, "y*", &data)) return NULL;
  PyObject *result = PyLong_FromSsize_t(data.len);
  PyBuffer_Release(&data);
  return result;
}`,
    },
    {
      kind: 'good',
      target: '3.9',
      code: `static char *names[] = {"s#", NULL};
int f(PyObject *args, PyObject *keywords) {
  const char *s;
  return PyArg_ParseTupleAndKeywords(args, keywords, "s:f#s#", names, &s);
}`,
    },
    {
      kind: 'good',
      target: '3.9',
      headers: '3.11',
      code:
        '#define PY_SSIZE_T_CLEAN\n#include <Python.h>\nint f(PyObject *args) { const char *s; Py_ssize_t n; ' +
        'return PyArg_ParseTuple(args, "s#", &s, &n); }',
    },
    {
      kind: 'good',
      target: '3.13',
      code: 'int f(PyObject *args) { const char *s; Py_ssize_t n; return PyArg_ParseTuple(args, "s#", &s, &n); }',
    },
    {
      kind: 'good',
      target: '3.9',
      code: 'int f(PyObject *args) { const char *s; return PyArg_ParseTuple(args, "s", &s); }',
    },
  ],
  *check(context) {
    const { model, target } = context
    const oldest = oldestPython(target)
    if (oldest >= plainFrom) return
    // Only what could make such a format is worth reading the calls.
    if (!model.files.some((_, file) => mayHoldHash.test(model.project.code(file).text))) return
    for (const { called, file, start, end, format, expandedIn } of formatsOf(context)) {
      const active = compiledAt(model, file, start)
      const clean = isClean(context, expandedIn)
      if (active === 'no' || (clean && target.headers < plainFrom)) continue
      const old = oldest <= 9
      const writes = /Build|Call/.test(called) ? 'take an `int` for' : 'write an `int` to'
      const raising = oldest === 12 ? '3.12 raises' : `${showVersion(Math.max(10, oldest))} to 3.12 raise`
      const reactions = [...(old ? [`Pythons up to 3.9 ${writes} the length`] : []), `${raising} \`SystemError\``]
      const built = clean ? `built with headers of ${showVersion(plainFrom)} or newer, ` : ''
      yield {
        file,
        start,
        end,
        symbol: called,
        macro: macroAround(model.files[file]!, start),
        effect: old ? 'abi-break' : 'runtime-bug',
        message: `\`#\` in the format \`${format.slice(0, 40)}\` of \`${called}\`: ${built}${reactions.join(', ')}`,
        advice: remedy(called, target.level) + (clean ? '' : withOldHeaders),
        notes: [
          clean
            ? `with headers of ${showVersion(target.headers)} \`PY_SSIZE_T_CLEAN\` does not help: the plain ` +
              `\`${called}\` is imported; built with those of ${showVersion(plainFrom - 1)} or older it is right`
            : '`PY_SSIZE_T_CLEAN` is not defined before `Python.h`',
          ...buildDoubts(active),
        ],
        ...(clean || active === 'unknown' ? { severity: 'warning' as const } : {}),
      }
    }
  },
}

/** What is right with all headers, instead of a format with `#` of a function. */
const remedy = (called: string, level: number): string =>
  /Build|Call/.test(called)
    ? 'Make the object with `PyBytes_FromStringAndSize` or `PyUnicode_FromStringAndSize` and hand it over with `N`.'
    : `Use ${level >= 11 ? '`y*` or `s*` with a `Py_buffer`, or ' : ''}\`O\`, and ask \`PyBytes_AsStringAndSize\` ` +
      'or the like for text and length.'

/** What does for those who build with the headers of their oldest Python. */
const withOldHeaders =
  ' Where all builds have headers of 3.12 or older, `#define PY_SSIZE_T_CLEAN` before `Python.h` does, and a ' +
  '`Py_ssize_t` for each length.'

/** The functions that read or write values by a format in which `#` asks for a length, and which operand that is. */
const formatOperands: Readonly<Record<string, number>> = {
  PyArg_Parse: 1,
  PyArg_ParseTuple: 1,
  PyArg_ParseTupleAndKeywords: 2,
  PyArg_VaParse: 1,
  PyArg_VaParseTupleAndKeywords: 2,
  _PyArg_ParseTuple: 1,
  _PyArg_ParseTupleAndKeywords: 2,
  Py_BuildValue: 0,
  Py_VaBuildValue: 0,
  _Py_BuildValue: 0,
  PyObject_CallFunction: 1,
  PyObject_CallMethod: 2,
  PyEval_CallFunction: 1,
  PyEval_CallMethod: 2,
}

/** A format with such a `#`: where it is handed over, and to what. */
interface HashFormat extends Span {
  readonly called: string
  readonly file: FileId
  readonly format: string
  readonly expandedIn: FileId
}

/** Each once, however it comes to its function. */
function* formatsOf({ model }: CheckContext): Iterable<HashFormat> {
  const texts = new Texts(model)
  const seen = new Set<string>()
  for (const [called, operand] of Object.entries(formatOperands)) {
    for (const name of [called, ...aliasesOf(model, called)]) {
      for (const each of callsEverywhere(model, name)) {
        if (model.isProjectDefined(each.file, called) === 'yes') continue
        for (const { text, file, span, expandedIn } of texts.ofOperand(each, operand)) {
          const key = `${file}:${span.start}`
          if (!asksForLength(text, called) || seen.has(key)) continue
          seen.add(key)
          yield { called, file, ...span, format: text, expandedIn }
        }
      }
    }
  }
}

/** The macros that stand for a function: `#define PARSE PyArg_ParseTuple`. */
function aliasesOf(model: CheckContext['model'], called: string): readonly string[] {
  const found = new Set<string>()
  for (const file of model.project.filesWith(called)) {
    const code = model.project.code(file)
    for (const { span, isInDirective } of code.occurrences(called)) {
      const macro = isInDirective ? code.macroAt(span.start) : null
      const value = macro && macro.parameters.length === 0 ? bodyValue(macro) : null
      if (macro && value && nameOf(value) === called) found.add(macro.name)
    }
  }
  found.delete(called)
  return [...found]
}

/** Whether a format has a `#` behind a unit; behind `:` and `;` follow names and messages of the argument parsers. */
const asksForLength = (format: string, called: string): boolean =>
  /(?:[syzu]|et)#/.test(called.includes('Arg') ? (/^[^:;]*/.exec(format)?.[0] ?? '') : format)

const mayHoldHash = /[syzut"]#/

/** The headers that no longer rename the functions, and the Python whose plain functions take a `Py_ssize_t`. */
const plainFrom = 13

/** Whether `PY_SSIZE_T_CLEAN` may be defined when a file, or what includes it, comes to `Python.h`. */
function isClean({ model, buildFiles }: CheckContext, file: FileId): boolean {
  if (buildFiles.some((each) => /PY_SSIZE_T_CLEAN/.test(buildText(each).code))) return true
  return model.project.graph.roots(file).some((root) => isCleanIn(model, root))
}

function isCleanIn(model: CheckContext['model'], file: FileId, depth = 0): boolean {
  const first = firstPythonInclude(model, file)
  const end = first?.include.offset ?? Number.MAX_SAFE_INTEGER
  const facts = model.files[file]!
  const isLive = (region: RegionId): boolean => model.active(file, region) !== 'no'
  const before = facts.macros.filter(({ name, offset }) => name === 'PY_SSIZE_T_CLEAN' && offset < end)
  if (before.some(({ region }) => isLive(region))) return true
  if (depth > 20) return false
  return facts.includes.some((include) => {
    const index = include.offset <= end && isLive(include.region) ? includedFile(model, file, include) : -1
    return index >= 0 && index !== file && isCleanIn(model, index, depth + 1)
  })
}
