import type { Finding, Rule } from '../analyzer/check/rule.ts'
import { callsIn } from '../analyzer/code/placement.ts'
import { calleeName } from '../analyzer/code/values.ts'
import type { ProjectModel } from '../analyzer/project/model.ts'
import { callsOf } from '../analyzer/semantics/calls.ts'
import { isFreedByUsers, isLeftToCapsule, losesException } from '../analyzer/semantics/capsule-memory.ts'
import { type CapsuleMade, capsulesOf } from '../analyzer/semantics/capsules.ts'
import { rolesOf } from '../analyzer/semantics/function-roles.ts'
import type { Origin } from '../analyzer/semantics/pointer-origins.ts'

const box = (body: string, before = ''): string => `${before}static PyObject *box(PyObject *self, PyObject *arg)
{
${body}
}
PyMethodDef methods[] = {{"box", box, METH_O, NULL}, {NULL, NULL, 0, NULL}};`

const boxed = (destructor: string, before = ''): string =>
  box(
    `    int *made = PyMem_Malloc(sizeof(int));
    if (made == NULL)
        return PyErr_NoMemory();
    *made = 1;
    return PyCapsule_New(made, "eggs.box", ${destructor});`,
    before,
  )

const freeBox = `static void free_box(PyObject *capsule)
{
    PyMem_Free(PyCapsule_GetPointer(capsule, "eggs.box"));
}
`

export const unownedCapsulePayload: Rule = {
  name: 'unowned-capsule-payload',
  summary: 'capsule whose memory is gone too early, or never freed',
  explanation: `A capsule keeps a pointer and nothing else. What that points to has to live as long as the capsule: a
variable of a function does not, and whoever asks the capsule later reads and writes what lies on the stack by then.
Memory that was allocated for the capsule is freed by its destructor, or by nobody.

A destructor may be called while an exception is raised, as most cleanup is. It has to leave that alone: what may fail
goes between \`PyErr_Fetch\` and \`PyErr_Restore\`, or from Python 3.12 \`PyErr_GetRaisedException\` and
\`PyErr_SetRaisedException\`.`,
  severity: 'warning',
  effect: 'runtime-bug',
  examples: () => [
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: box(`    int depth = 1;
    return PyCapsule_New(&depth, "eggs.depth", NULL);`),
      reports: {
        at: '4:12 PyCapsule_New(&depth, "eggs.depth", NULL)',
        message: 'the capsule points to `depth`, a variable of `box` that is gone when that returns',
        severity: 'error',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: `typedef int (*Function)(void);
static int answer(void) { return 42; }
int add_api(PyObject *module)
{
    void *api[1];
    api[0] = (void *)answer;
    PyObject *capsule = PyCapsule_New((void *)api, "eggs._C_API", NULL);
    return PyModule_AddObject(module, "_C_API", capsule);
}`,
      reports: {
        at: '7:25 PyCapsule_New((void *)api, "eggs._C_API", NULL)',
        message: 'the capsule points to `api`, a variable of `add_api` that is gone when that returns',
        severity: 'error',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: box(`    int depth = 1;
    PyObject *capsule = PyCapsule_New(&depth, "eggs.depth", NULL);
    if (capsule == NULL)
        return NULL;
    PyObject *result = PyObject_CallFunctionObjArgs(arg, capsule, NULL);
    Py_DECREF(capsule);
    return result;`),
      reports: {
        at: '4:25 PyCapsule_New(&depth, "eggs.depth", NULL)',
        message: 'the capsule points to `depth`, a variable of `box` that is gone when that returns',
        severity: 'info',
        notes: ['right if nobody keeps the capsule'],
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: boxed('NULL'),
      reports: {
        at: '7:12 PyCapsule_New(made, "eggs.box", NULL)',
        message: 'nobody frees what `PyMem_Malloc` allocates for the capsule "eggs.box"',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: boxed('NULL', 'void keep(int *made);\n').replace('*made = 1', 'keep(made)'),
      reports: {
        at: '8:12 PyCapsule_New(made, "eggs.box", NULL)',
        message: 'nobody frees what `PyMem_Malloc` allocates for the capsule "eggs.box"',
        severity: 'info',
        notes: ['something else may keep the pointer and free it'],
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: boxed('free_box', freeBox.replace('    PyMem', '    PyErr_Clear();\n    PyMem')),
      reports: {
        at: '3:5 PyErr_Clear()',
        message: '`free_box` is a destructor of capsules: `PyErr_Clear` loses the exception that was raised before',
      },
    },
    { kind: 'good', target: '3.9', code: boxed('free_box', freeBox) },
    {
      kind: 'good',
      target: '3.9',
      code: boxed(
        'free_box',
        freeBox.replace(
          /( {4}PyMem.*\n)/,
          `    PyObject *type, *value, *trace;
    PyErr_Fetch(&type, &value, &trace);
$1    PyErr_Clear();
    PyErr_Restore(type, value, trace);
`,
        ),
      ),
    },
    {
      kind: 'good',
      target: '3.9',
      code: box(`    static int depth = 1;
    return PyCapsule_New(&depth, "eggs.depth", NULL);`),
    },
    {
      kind: 'good',
      target: '3.9',
      code: `#include <stdlib.h>
typedef struct { PyObject_HEAD int *made; } Eggs;
static PyObject *share(Eggs *self, PyObject *none)
{
    int *made = malloc(sizeof(int));
    self->made = made;
    return PyCapsule_New(made, "eggs.box", NULL);
}
PyMethodDef methods[] = {{"share", (PyCFunction)share, METH_NOARGS, NULL}, {NULL, NULL, 0, NULL}};`,
    },
    {
      kind: 'good',
      target: '3.9',
      code: `${boxed('NULL')}
PyObject *drop(PyObject *self, PyObject *capsule)
{
    int *made = PyCapsule_GetPointer(capsule, "eggs.box");
    if (made == NULL)
        return NULL;
    PyMem_Free(made);
    return Py_None;
}`,
    },
  ],
  *check({ model }) {
    const { made } = capsulesOf(model)
    const isSetLater = [...callsOf(model, 'PyCapsule_SetDestructor')].length > 0
    const told = new Set<number>()
    for (const capsule of made) {
      const found = onStack(capsule) ?? neverFreed(model, capsule, isSetLater)
      if (found) yield found
      const { destructor } = capsule
      const lost = typeof destructor === 'object' ? losesException(destructor) : null
      if (typeof destructor !== 'object' || lost === null || told.has(lost.span.start)) continue
      told.add(lost.span.start)
      const name = calleeName(lost) ?? ''
      yield {
        file: destructor.file,
        ...lost.span,
        symbol: name,
        message:
          `\`${destructor.code.name}\` is a destructor of capsules: \`${name}\` loses the exception that was ` +
          'raised before',
        advice: 'Keep that exception by `PyErr_Fetch`, and give it back by `PyErr_Restore`.',
      }
    }
  },
}

/** A capsule of a variable that does not outlive its function. */
function onStack(capsule: CapsuleMade): Finding | null {
  const { file, around, call, macro, doubts, origins, goals } = capsule
  const gone = origins.find(({ kind }) => kind === 'automatic')
  if (!gone || /^w?main$/.test(gone.code.name)) return null
  const [holder, variable] = [gone.code.name, gone.variable?.name ?? '']
  const isOwn = gone.code === around && origins.length === 1
  const isGiven = goals.some(({ kind }) => kind === 'returned' || kind === 'attribute')
  // Code that the function calls may take it out of the module again.
  const isReturned = goals.some(({ kind }) => kind === 'returned')
  const isSure = isOwn && isGiven && (isReturned || !runsCode(gone))
  const severity = isSure ? (doubts.length > 0 ? 'warning' : 'error') : 'info'
  const why = origins.length > 1 ? 'it may point to something else' : 'right if nobody keeps the capsule'
  return {
    file,
    ...call.span,
    macro,
    symbol: 'PyCapsule_New',
    severity,
    notes: isSure ? doubts : [...doubts, why],
    message: `the capsule points to \`${variable}\`, a variable of \`${holder}\` that is gone when that returns`,
    advice: 'Let it point to a `static` variable, or allocate the memory and free it in a destructor.',
  }
}

/** Whether a function calls what runs Python code. */
const runsCode = ({ code }: Origin): boolean =>
  callsIn(code).some((each) =>
    /^Py(?:Run_|Object_(?:Call|Vector)|_(?:RunMain|Main|Finalize|BytesMain)|Eval_)/.test(calleeName(each) ?? ''),
  )

/** A capsule of memory that nobody frees. */
function neverFreed(model: ProjectModel, capsule: CapsuleMade, isSetLater: boolean): Finding | null {
  const { file, around, call, macro, doubts, origins, destructor } = capsule
  const [first] = origins
  if (destructor !== 'none' || !first || !origins.every(({ kind }) => kind === 'heap')) return null
  if (isFreedByUsers(model, capsule)) return null
  const left = origins.map((each) => isLeftToCapsule(capsule, each))
  if (left.includes('no')) return null
  const isOnce = rolesOf(model, { file, code: around }).some(({ kind }) => kind === 'init' || kind === 'exec')
  const why = [
    ...(isSetLater ? ['`PyCapsule_SetDestructor` is called, maybe for this one'] : []),
    ...(left.includes('unknown') ? ['something else may keep the pointer and free it'] : []),
    ...(isOnce ? ['once for each module'] : []),
  ]
  return {
    file,
    ...call.span,
    macro,
    symbol: 'PyCapsule_New',
    ...(why.length > 0 ? { severity: 'info' } : {}),
    notes: [...doubts, ...why],
    message: `nobody frees what \`${first.name}\` allocates for the capsule${shownName(capsule)}`,
    advice: 'Give it a destructor that frees what `PyCapsule_GetPointer` gives.',
  }
}

const shownName = ({ names: [name] }: CapsuleMade): string => (name ? ` "${name}"` : '')
