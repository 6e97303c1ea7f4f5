import type { Rule } from '../analyzer/check/rule.ts'
import { callsIn, inCasts } from '../analyzer/code/placement.ts'
import type { CallValue, FunctionCode } from '../analyzer/code/tree.ts'
import { calleeName, plainText } from '../analyzer/code/values.ts'
import { variablesNamed } from '../analyzer/code/variables.ts'
import type { ProjectModel } from '../analyzer/project/model.ts'
import { type CallIn, callsOf } from '../analyzer/semantics/calls.ts'
import { functionsOf } from '../analyzer/semantics/functions.ts'
import { moduleDefs } from '../analyzer/semantics/module-defs.ts'
import { type ReferencePaths, referencePaths } from '../analyzer/semantics/reference-paths.ts'
import type { FileId } from '../analyzer/source/text.ts'

const spam = (exec: string, free = 'Py_CLEAR(((State *)PyModule_GetState((PyObject *)m))->type);'): string =>
  `typedef struct { PyTypeObject *type; } State;
extern PyType_Spec spec;
int spam_exec(PyObject *m)
{
    State *state = PyModule_GetState(m);
    state->type = (PyTypeObject *)PyType_FromSpec(&spec);
    if (state->type == NULL)
        return -1;
    ${exec}
    return 0;
}
static void spam_end(void *m) { ${free} }
void spam_free(void *m) { spam_end(m); }
PyModuleDef spam_def = {PyModuleDef_HEAD_INIT, "spam", NULL, sizeof(State), NULL, NULL, NULL, NULL, spam_free};
PyObject *spam_type(PyObject *m) { return (PyObject *)((State *)PyModule_GetState(m))->type; }`

const add = 'PyModule_AddObject(m, "Spam", (PyObject *)state->type)'

export const lostTypeReference: Rule = {
  name: 'lost-type-reference',
  summary: 'reference to a type that `PyModule_AddObject` takes and the module goes on to use',
  explanation: `\`PyModule_AddObject\` takes over the reference to what it adds, if it succeeds. A type or an exception
that was made just before has one reference: it is the module's then, and a static variable or the state of the module
holds a pointer without any. Where that gives a reference back when the module ends, the type dies while objects,
subclasses or the module still use it; where it does not, the pointer dangles once the attribute is deleted.

\`PyModule_AddType\` (3.9) and \`PyModule_AddObjectRef\` (3.10) take a reference of their own; before them, write
\`Py_INCREF\` first.`,
  severity: 'warning',
  effect: 'runtime-bug',
  examples: () => [
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: spam(`if (${add} < 0)\n        return -1;`),
      reports: {
        at: '9:9 PyModule_AddObject(m, "Spam", (PyObject *)state->type)',
        message: '`PyModule_AddObject` takes the only reference to `state->type`, and `spam_end` counts on one',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: spam(`${add};`, ''),
      reports: {
        at: '9:5 PyModule_AddObject(m, "Spam", (PyObject *)state->type)',
        message: '`PyModule_AddObject` takes the only reference to `state->type`, which is used elsewhere',
        severity: 'info',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: `int spam_exec(PyObject *m)
{
    PyObject *error = PyErr_NewException("spam.error", NULL, NULL);
    if (error == NULL || PyModule_AddObject(m, "error", error) < 0)
        return -1;
    Py_DECREF(error);
    return 0;
}`,
      reports: {
        at: '6:5 Py_DECREF(error)',
        message: '`PyModule_AddObject` has taken the reference to `error` that is given back here',
      },
    },
    { kind: 'good', target: '3.9', code: spam(`Py_INCREF(state->type);\n    if (${add} < 0)\n        return -1;`) },
    {
      kind: 'good',
      target: '3.9',
      code: spam('if (PyModule_AddType(m, state->type) < 0)\n        return -1;'),
    },
    {
      kind: 'good',
      target: '3.9',
      code: `int spam_exec(PyObject *m)
{
    PyObject *error = PyErr_NewException("spam.error", NULL, NULL);
    if (error == NULL)
        return -1;
    if (PyModule_AddObject(m, "error", error) < 0) {
        Py_DECREF(error);
        return -1;
    }
    return 0;
}`,
    },
  ],
  *check({ model, target }) {
    const seen = new Set<CallValue>()
    const wrappers = makers.flatMap((name) => [...callsOf(model, name)].flatMap(wrapperAround))
    for (const maker of [...makers, ...new Set(wrappers)]) {
      for (const { file, around, call, doubts } of callsOf(model, maker)) {
        const paths = around.kind === 'function' ? referencePaths(model, { file, code: around }, call) : null
        if (paths === null) continue
        const base = { file, notes: doubts, fix: null, advice: adviceAt(target.level) }
        for (const taker of paths.losing) {
          const kept = [...paths.places].find((place) => isKept(around, place))
          if (seen.has(taker) || kept === undefined) continue
          const owners = ownersOf(model, file, kept, around)
          if (owners.names.length === 0 && !owners.isUsed) continue
          seen.add(taker)
          const taken = `\`${calleeName(taker)}\` takes the only reference to \`${objectOf(taker, paths)}\``
          yield {
            ...base,
            ...taker.span,
            symbol: calleeName(taker)!,
            ...(owners.names.length > 0
              ? { message: `${taken}, and \`${owners.names[0]}\` counts on one` }
              : { severity: 'info', message: `${taken}, which is used elsewhere` }),
          }
        }
        for (const [release, { taker, isConditional }] of paths.releasedTwice) {
          if (seen.has(taker)) continue
          seen.add(taker)
          yield {
            ...base,
            ...release.span,
            symbol: calleeName(taker)!,
            ...(isConditional
              ? { severity: 'info', notes: [...doubts, 'on a path that a condition may rule out'] }
              : {}),
            message:
              `\`${calleeName(taker)}\` has taken the reference to ` +
              `\`${objectOf(taker, paths)}\` that is given back here`,
          }
        }
      }
    }
  },
}

const makers = [
  'PyType_FromSpec',
  'PyType_FromSpecWithBases',
  'PyType_FromModuleAndSpec',
  'PyType_FromMetaclass',
  'PyErr_NewException',
  'PyErr_NewExceptionWithDoc',
  'PyStructSequence_NewType',
] as const

/** The function that returns just what a call makes. */
function wrapperAround({ around, call }: CallIn): readonly string[] {
  return inCasts(around, call).parent?.kind === 'return' && around.name !== '' ? [around.name] : []
}

const adviceAt = (level: number): string =>
  level >= 9
    ? 'Write `PyModule_AddType`, which takes a reference of its own, or `Py_INCREF` before it.'
    : 'Write `Py_INCREF` before it.'

/** What a call takes over, as it is written without casts. */
const objectOf = ({ operands }: CallValue, { places }: ReferencePaths): string =>
  operands.map(plainText).find((each) => places.has(each)) ?? 'it'

/** Whether a place outlives the function: a field behind a pointer, or a variable that is not the function's own. */
function isKept(code: FunctionCode, place: string): boolean {
  if (place.includes('->') || place.startsWith('*')) return true
  const root = /^\w+/.exec(place)?.[0]
  if (root === undefined || code.parameters.some(({ name }) => name === root)) return false
  const local = variablesNamed(code, root)[0]
  return local === undefined || local.storage === 'static'
}

interface Owners {
  /** Functions that give a reference to it back, or visit it as one who has one. */
  readonly names: readonly string[]
  /** Whether others use it. */
  readonly isUsed: boolean
}

const owning = ['Py_DECREF', 'Py_XDECREF', 'Py_CLEAR', 'Py_VISIT', 'Py_SETREF', 'Py_XSETREF', 'Py_DecRef']

/** Who else takes what a place holds for its own: of a field only the functions of a module's state can be told. */
function ownersOf(model: ProjectModel, file: FileId, place: string, maker: FunctionCode): Owners {
  const last = lastName(place)
  const isField = last !== place
  const defs = moduleDefs(model)
  const own = defs.length === 1 ? defs : defs.filter((def) => def.file === file)
  const stateFunctions = new Set(
    own.flatMap((def) => def.stateFunctions.flatMap((each) => [each, ...helpersOf(model, def.file, each)])),
  )
  // A static variable of that name in another file is another.
  const isStatic = model.project
    .code(file)
    .variables.some(({ name, storage }) => name === place && storage === 'static')
  const names = owning.flatMap((name) =>
    [...callsOf(model, name)].flatMap(({ file: where, around, call: { operands } }) => {
      if (isStatic && where !== file) return []
      const text = operands[0] ? plainText(operands[0]) : ''
      const isIt = isField ? lastName(text) === last && stateFunctions.has(around.name) : text === place
      return isIt && around !== maker ? [around.name] : []
    }),
  )
  const isUsed = (isStatic ? [file] : [...model.project.filesWith(last)]).some((each) => {
    const code = model.project.code(each)
    return code.occurrences(last).some(({ span }) => {
      const around = code.functionAt(span.start)
      return around !== null && around !== maker
    })
  })
  return { names, isUsed: isUsed || place.startsWith('*') }
}

/** What a function of the project calls. */
const helpersOf = (model: ProjectModel, file: FileId, name: string): readonly string[] =>
  functionsOf(model)
    .named(file, name)
    .flatMap(({ code }) => callsIn(code).flatMap((call) => calleeName(call) ?? []))

/** `type` of `state->type`. */
const lastName = (place: string): string => /\w+(?=\W*$)/.exec(place)?.[0] ?? place
