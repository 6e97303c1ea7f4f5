import type { CheckContext, Finding, Rule } from '../analyzer/check/rule.ts'
import { branchesAround, callsIn, statementOf } from '../analyzer/code/placement.ts'
import { eachStatement } from '../analyzer/code/statements.ts'
import type { CallValue } from '../analyzer/code/tree.ts'
import { calleeName, eachValue, plainText, pointedName } from '../analyzer/code/values.ts'
import type { ProjectModel } from '../analyzer/project/model.ts'
import { withCalled } from '../analyzer/semantics/callers.ts'
import { callsOf, compiledAt } from '../analyzer/semantics/calls.ts'
import { type Body, functionsOf } from '../analyzer/semantics/functions.ts'
import { moduleSlotTables } from '../analyzer/semantics/module-slots.ts'
import { modulesOf } from '../analyzer/semantics/modules.ts'

const atExit = (body: string, before = ''): string => `static PyObject *cache; static int handle; void hang_up(int *);
${before}static void at_exit(void)
{
    ${body}
}
int spam_exec(PyObject *m)
{
    cache = PyDict_New();
    return cache == NULL ? -1 : Py_AtExit(at_exit);
}
void use(void) { hang_up(&handle); }`

const thread = (says: string): string => `unsigned long PyThread_start_new_thread(void (*)(void *), void *);
static void work(void *arg)
{
    PyGILState_STATE gil = PyGILState_Ensure();
    Py_DECREF((PyObject *)arg);
    PyGILState_Release(gil);
}
static PyObject *start(PyObject *m, PyObject *arg)
{
    return PyLong_FromUnsignedLong(PyThread_start_new_thread(work, Py_NewRef(arg)));
}
static PyMethodDef methods[] = {{"start", start, METH_O, NULL}, {NULL}};
static PyModuleDef_Slot slots[] = {{Py_mod_multiple_interpreters, ${says}}, {0, NULL}};
static PyModuleDef def = {PyModuleDef_HEAD_INIT, "spam", NULL, 0, methods, slots};
PyMODINIT_FUNC PyInit_spam(void) { return PyModuleDef_Init(&def); }`

export const statelessCallback: Rule = {
  name: 'stateless-callback',
  summary: 'a C callback that needs an interpreter, and is called where there is none, or another one',
  explanation: `Functions given to \`Py_AtExit\` are called when everything of Python is gone: there is no interpreter,
no thread state, no object that is still whole. What uses the C API there crashes, with Python 3.12 and later even
\`PyMem_Free\`. Give objects back in \`m_free\` and \`m_clear\` of the module, or register a function of the module with
the module \`atexit\`; what is left for \`Py_AtExit\` is to close what C libraries have opened.

A thread that C code starts has no interpreter either, and \`PyGILState_Ensure\` gives it that of the main one,
whichever has started it: in a module for several interpreters it then works on objects of another one, without holding its GIL.
Hand it what it needs, \`PyThreadState_New\` of the interpreter included.`,
  severity: 'warning',
  effect: 'runtime-bug',
  examples: () => [
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: atExit('Py_CLEAR(cache);'),
      reports: {
        at: '9:33 Py_AtExit(at_exit)',
        message: '`at_exit` calls `Py_CLEAR` when no interpreter is left: that is when `Py_AtExit` has it called',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: atExit('clear();', 'static void clear(void) { PyDict_Clear(cache); }\n'),
      reports: {
        at: '10:33 Py_AtExit(at_exit)',
        message:
          '`clear`, called by `at_exit`, calls `PyDict_Clear` when no interpreter is left: that is when `Py_AtExit` ' +
          'has it called',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: atExit('if (handle)\n        Py_CLEAR(cache);'),
      reports: {
        at: '10:33 Py_AtExit(at_exit)',
        message: '`at_exit` calls `Py_CLEAR` when no interpreter is left: that is when `Py_AtExit` has it called',
        severity: 'info',
        notes: ['it stands behind a condition that may not hold then'],
      },
    },
    { kind: 'good', target: '3.9', code: atExit('hang_up(&handle);') },
    { kind: 'good', target: '3.9', code: atExit('if (Py_IsInitialized())\n        Py_CLEAR(cache);') },
    {
      kind: 'bad',
      target: '3.12',
      compiler: 'silent',
      code: thread('Py_MOD_PER_INTERPRETER_GIL_SUPPORTED'),
      reports: {
        at: '4:28 PyGILState_Ensure()',
        message: '`PyGILState_Ensure` gives a new thread the main interpreter: `work` may be of another one',
      },
    },
    { kind: 'good', target: '3.12', code: thread('Py_MOD_MULTIPLE_INTERPRETERS_NOT_SUPPORTED') },
  ],
  *check({ model, buildFiles }) {
    yield* lateCalls(model)
    yield* foreignThreads(model, buildFiles)
  },
}

/** What functions do that are called when Python is gone. */
function* lateCalls(model: ProjectModel): Iterable<Finding> {
  for (const { file, call, macro, doubts } of callsOf(model, 'Py_AtExit')) {
    const body = givenFunction(model, file, call, 0)
    const bodies = body ? withCalled(model, [body]) : []
    // Who asks whether Python is there knows.
    const isAsked = bodies.some(({ code }) => callsIn(code).some((each) => asks.test(calleeName(each) ?? '')))
    if (!body || isAsked) continue
    const all = bodies.flatMap((each) =>
      callsIn(each.code).flatMap((late) =>
        isLate(model, each, late) ? [{ each, late, isSure: isDone(each, late) }] : [],
      ),
    )
    const found = all.find(({ isSure }) => isSure) ?? all[0]
    if (!found) continue
    const { each, late, isSure } = found
    const who = each.code === body.code ? '' : `, called by \`${body.code.name}\`,`
    yield {
      file,
      ...call.span,
      macro,
      symbol: 'Py_AtExit',
      ...(isSure ? {} : { severity: 'info' }),
      notes: [...doubts, ...(isSure ? [] : ['it stands behind a condition that may not hold then'])],
      message:
        `\`${each.code.name}\`${who} calls \`${calleeName(late)}\` when no interpreter is left: that is when ` +
        '`Py_AtExit` has it called',
      advice: 'Do that in `m_free`, or in a function that the module `atexit` calls.',
    }
  }
}

/** Whether a function does what a call does, but where an operand of that is `NULL`. */
function isDone({ code }: Body, call: CallValue): boolean {
  const statement = statementOf(code, call)
  const names = new Set(call.operands.map(plainText))
  const asked = eachStatement(code.body).filter((each) => each.kind === 'if')
  return branchesAround(code, statement ?? code.body[0]!).every((branch) =>
    asked.some(
      ({ then, condition }) => then === branch && eachValue(condition).some((value) => names.has(plainText(value))),
    ),
  )
}

const asks = /^_?Py_Is(?:Initialized|Finalizing)$/

/** Whether a call is one of the C API that needs an interpreter. */
function isLate(model: ProjectModel, { file }: Body, call: CallValue): boolean {
  const name = calleeName(call)
  if (name === null || !functionsOf(model).isOfApi(file, name) || compiledAt(model, file, call.span.start) !== 'yes')
    return false
  return !needsNone.test(name)
}

/** Those that need no interpreter: memory of the C library's, locks, texts, numbers. */
const needsNone = new RegExp(
  '^(?:Py_(?:TYPE|SIZE|REFCNT|IS_TYPE|Is|IsNone|X?INCREF|X?NewRef|RETURN_\\w+)|_Py\\w+_CAST|PyMem_Raw\\w+' +
    '|PyThread_\\w+|PyOS_\\w+|_?Py_(?:UNUSED|MIN|MAX|ABS|STRINGIFY|FatalError\\w*|atomic_\\w+|AtExit|hash\\w*' +
    '|Get(?:Version|Platform|Copyright|Compiler|BuildInfo)))$|Mutex',
)

/** The functions that start a thread of C code, with the operand of what it does. */
const starters: ReadonlyMap<string, number> = new Map([
  ['pthread_create', 2],
  ['thrd_create', 1],
  ['PyThread_start_new_thread', 0],
  ['CreateThread', 2],
  ['_beginthread', 0],
  ['_beginthreadex', 2],
])

/** Threads that take the main interpreter, in modules that say they are for several. */
function* foreignThreads(model: ProjectModel, buildFiles: CheckContext['buildFiles']): Iterable<Finding> {
  const promising = new Set(
    moduleSlotTables(model).flatMap(({ file, slots }) =>
      slots.some(({ value }) => value === 'Py_MOD_PER_INTERPRETER_GIL_SUPPORTED') ? [file] : [],
    ),
  )
  if (promising.size === 0) return
  const files = new Set(
    modulesOf(model.project, buildFiles).flatMap((each) =>
      each.files.some((file) => promising.has(file)) ? each.files : [],
    ),
  )
  for (const [name, operand] of starters)
    for (const start of callsOf(model, name)) {
      const body = givenFunction(model, start.file, start.call, operand)
      const ensure = body && callsIn(body.code).find((each) => calleeName(each) === 'PyGILState_Ensure')
      if (!body || !ensure || !files.has(body.file) || compiledAt(model, body.file, ensure.span.start) === 'no')
        continue
      yield {
        file: body.file,
        ...ensure.span,
        symbol: 'PyGILState_Ensure',
        notes: start.doubts,
        message:
          `\`PyGILState_Ensure\` gives a new thread the main interpreter: \`${body.code.name}\` may be of ` +
          'another one',
        advice: 'Hand the thread its interpreter, and make a thread state with `PyThreadState_New`.',
      }
    }
}

/** The function that an operand of a call is; null for none that is read, and for several. */
function givenFunction(model: ProjectModel, file: number, call: CallValue, operand: number): Body | null {
  const value = call.operands[operand]
  const name = value ? pointedName(value) : null
  const bodies = name === null ? [] : functionsOf(model).named(file, name)
  return bodies.length === 1 ? bodies[0]! : null
}
