import type { Rule } from '../analyzer/check/rule.ts'
import type { Expression, FileFacts, ObjectArgument } from '../analyzer/facts/file-facts.ts'
import { takesObject } from '../analyzer/facts/lexicon.ts'
import type { Fix } from '../analyzer/fix/fix.ts'
import { castPieces } from '../analyzer/fix/recipe-fix.ts'
import type { CType } from '../analyzer/knowledge/ctype.ts'
import type { ProjectModel } from '../analyzer/project/model.ts'
import { structBehind } from '../analyzer/project/typing.ts'
import { pointsToConst } from '../analyzer/semantics/const-pointers.ts'
import { isLvalueAt } from '../analyzer/semantics/lvalues.ts'
import type { FileId } from '../analyzer/source/text.ts'

export const uncastObjectArgument: Rule = {
  name: 'uncast-object-argument',
  summary: 'another pointer than `PyObject *` for a function that no longer casts it',
  explanation: `Up to level 3.10 \`Py_INCREF\`, \`Py_TYPE\`, \`PyLong_Check\` and their like are macros that cast what
they are given to \`PyObject *\`, and \`Py_SET_SIZE\` casts to \`PyVarObject *\`. From level 3.11 on they are functions:
a pointer to a struct of your own is refused by C++ and by gcc 14 and newer; older compilers of C warn. C++ refuses a
\`const PyObject *\` and a \`void *\` as well. Write the cast.`,
  severity: 'error',
  effect: 'build-break',
  examples: () => [
    {
      kind: 'bad',
      target: '3.12',
      compiler: 'silent',
      code: 'typedef struct { PyObject_HEAD int x; } Spam;\nvoid f(Spam *self) { Py_INCREF(self); }',
      reports: {
        at: '2:32 self',
        message: '`Py_INCREF` takes a `PyObject *` from level 3.11 on, this is a `Spam *`',
        severity: 'warning',
      },
    },
    {
      kind: 'good',
      target: '3.10',
      code: 'typedef struct { PyObject_HEAD int x; } Spam;\nvoid f(Spam *self) { Py_INCREF(self); }',
    },
    {
      kind: 'good',
      target: '3.12',
      code: 'typedef struct { PyObject_HEAD int x; } Spam;\nvoid f(Spam *self) { Py_INCREF((PyObject *)self); }',
    },
    {
      kind: 'good',
      target: '3.12',
      code:
        'typedef struct { PyObject_HEAD int x; } Spam;\nvoid f(Spam *self, PyTypeObject *type) { ' +
        'Py_DECREF(self); Py_DECREF(type); }',
    },
    { kind: 'good', target: '3.12', code: 'void f(PyObject *self) { Py_INCREF(self); }' },
    {
      kind: 'bad',
      target: '3.11',
      file: 'spam.cpp',
      code: '#include <Python.h>\nPyTypeObject *f(const PyObject *o) { return Py_TYPE(o); }',
      reports: {
        at: '2:53 o',
        message: '`Py_TYPE` takes a `PyObject *` from level 3.11 on, this is a `const PyObject *`',
      },
    },
    {
      kind: 'bad',
      target: '3.12',
      file: 'spam.cpp',
      code: '#include <Python.h>\nPyTypeObject *f(void *p) { return Py_TYPE(((PyTypeObject *)p)); }',
      reports: {
        at: '2:43 ((PyTypeObject *)p)',
        message: '`Py_TYPE` takes a `PyObject *` from level 3.11 on, this is a `PyTypeObject *`',
      },
    },
    {
      kind: 'bad',
      target: '3.12',
      file: 'spam.cpp',
      code: '#include <Python.h>\nvoid f(PyObject *o) { Py_SET_SIZE(o, 3); }',
      reports: {
        at: '2:35 o',
        message: '`Py_SET_SIZE` takes a `PyVarObject *` from level 3.11 on, this is a `PyObject *`',
      },
    },
    {
      kind: 'bad',
      target: '3.12',
      file: 'spam.cpp',
      code: `#include <Python.h>
struct Spam { PyObject_HEAD int n; };
#define DROP(p) do { Py_XDECREF(p); } while (0)
void f(Spam *spam) { DROP(spam); }`,
      reports: {
        at: '3:33 p',
        message: '`Py_XDECREF` takes a `PyObject *` from level 3.11 on, this is a `Spam *`',
        notes: ['in the body of macro `DROP()`, used in spam.cpp'],
      },
      fixed: `#include <Python.h>
struct Spam { PyObject_HEAD int n; };
#define DROP(p) do { Py_XDECREF((PyObject *)(p)); } while (0)
void f(Spam *spam) { DROP(spam); }`,
    },
    {
      kind: 'bad',
      target: '3.12',
      file: 'spam.cpp',
      code: `#include <Python.h>
struct Mixin { int x; };
struct List : PyVarObject, Mixin { int data[1]; };
struct Longer : List { };
Py_ssize_t f(Longer *list) { return Py_SIZE(list); }`,
      reports: {
        at: '5:45 list',
        message: '`Py_SIZE` takes a `PyObject *` from level 3.11 on, this is a `Longer *`',
      },
      fixed: `#include <Python.h>
struct Mixin { int x; };
struct List : PyVarObject, Mixin { int data[1]; };
struct Longer : List { };
Py_ssize_t f(Longer *list) { return Py_SIZE((PyObject *)list); }`,
    },
    {
      kind: 'bad',
      target: '3.12',
      file: 'spam.cpp',
      code: `#include <Python.h>
void drop(PyFrameObject *frame) { Py_XDECREF(PyFrame_GetBack(frame)); }`,
      reports: {
        at: '2:46 PyFrame_GetBack(frame)',
        message: '`Py_XDECREF` takes a `PyObject *` from level 3.11 on, this is a `PyFrameObject *`',
        severity: 'warning',
        notes: ['`PyFrame_GetBack` is not declared at this target, so a compiler says that first'],
      },
      fixed: `#include <Python.h>
void drop(PyFrameObject *frame) { Py_XDECREF((PyObject *)PyFrame_GetBack(frame)); }`,
    },
    {
      kind: 'good',
      target: '3.12',
      file: 'spam.cpp',
      code: `#include <Python.h>
struct Spam : PyObject { int n; };
struct List : PyVarObject { Spam *first; };
template <class T> struct Any : T { };
void f(Spam *spam, List *list, Any<PyObject> *any) {
    Py_INCREF(spam);
    Py_INCREF(list->first);
    Py_SET_SIZE(list, 1);
    Py_INCREF(any);
}`,
    },
    {
      kind: 'good',
      target: '3.12',
      code: 'int f(const PyObject *o, void *p) { Py_INCREF(p); return PyLong_Check(o); }',
    },
    {
      kind: 'good',
      target: '3.12',
      file: 'spam.cpp',
      code: `#include <Python.h>
void f(const PyObject *o, PyObject *const p, PyVarObject *v) { Py_DECREF(o); Py_INCREF(p); Py_SET_SIZE(v, 1); }`,
    },
  ],
  *check({ model, target }) {
    if (target.level < 11 || target.headers < 11) return
    for (const [file, { objectArguments }] of model.files.entries()) {
      for (const argument of objectArguments) {
        const { called, start, end, region, macro } = argument
        if (model.active(file, region) === 'no' || model.isProjectDefined(file, called) !== 'no') continue
        if (isOwnType(model.files[file]!, argument.type)) continue
        const needed = takesObject.get(called)!
        const isConst = argument.isConst ?? pointsToConst(model, file, argument.type, start, macro)
        for (const type of model.typesOf(file, argument.type, start, macro)) {
          const refusal = refusalOf(model, file, type, needed, isConst)
          if (refusal === null || isLvalueAt(model, file, start)) continue
          const doubts = [...refusal, ...undeclaredCall(model, file, argument.type)]
          yield {
            file,
            start,
            end,
            macro,
            symbol: called,
            message:
              `\`${called}\` takes a \`${written(needed)}\` from level 3.11 on, this is a ` +
              `\`${isConst ? 'const ' : ''}${written(type)}\``,
            advice: `Cast it: \`(${written(needed)})\`.`,
            ...(doubts.length > 0 ? { severity: 'warning', notes: doubts } : {}),
            fix: castFor(argument, needed),
          }
          break
        }
      }
    }
  },
}

/** Whether an expression is the address of a type object that the file makes: that variable is what is refused. */
const isOwnType = ({ declarations }: FileFacts, expression: Expression): boolean =>
  expression?.[0] === 'address' &&
  expression[1]?.[0] === 'name' &&
  declarations.some(({ name, type, defines }) => defines && type === 'PyTypeObject' && name === expression[1]![1])

/** Doubt of what a function gives that the target does not declare: a compiler refuses the call first. */
function undeclaredCall(model: ProjectModel, file: FileId, expression: Expression): readonly string[] {
  const called = expression?.[0] === 'call' && expression[1]?.[0] === 'name' ? expression[1][1] : null
  const fact = called === null ? null : model.api.fact(called)
  if (fact === null || called === null || model.isProjectDefined(file, called) !== 'no') return []
  const isDeclared = model.api.declared(fact, model.target)
  return isDeclared ? [] : [`\`${called}\` is not declared at this target, so a compiler says that first`]
}

/** A pointer type as people write it. */
const written = (type: CType): string => type.replace(/\*+$/, ' $&')

const objects: ReadonlySet<string> = new Set(['PyObject', 'struct _object', '_object'])

/**
 * The doubts whether a compiler refuses a pointer where it needs another one; null where it does not.
 * @param needed `PyObject*` or `PyVarObject*`
 */
function refusalOf(
  model: ProjectModel,
  file: FileId,
  type: CType,
  needed: CType,
  isConst: boolean,
): readonly string[] | null {
  const meant = model.apiType(file, type)
  const struct = structBehind(meant)
  if (struct === null || !meant.endsWith('*')) return null
  const isNeeded = needed === 'PyObject*' ? objects.has(struct) : struct === 'PyVarObject'
  const isCxx = model.files[file]!.dialect === 'cpp'
  // C warns at most of a qualifier that is lost, and takes a pointer to \`void\` for any other.
  if (isNeeded || struct === 'void') return isCxx && (isConst || !isNeeded) ? [] : null
  if (isCxx && isPerhapsDerived(model, struct, needed === 'PyObject*' ? 'PyObject' : 'PyVarObject')) return null
  return [
    ...(isCxx ? [] : ['in C gcc refuses it from version 14 on, other compilers warn']),
    ...(model.knowsStruct(file, type) ? [] : [`\`${struct}\` is not known from the files read`]),
  ]
}

/** Whether a class is derived from a struct of CPython, or from a class that is not known. */
function isPerhapsDerived(model: ProjectModel, name: string, from: string, seen = new Set<string>()): boolean {
  seen.add(name)
  return model.basesOf(name).some((base) => {
    if (base === from) return true
    if (base === 'PyObject' || base === 'PyVarObject' || seen.has(base)) return false
    return !isStruct(model, base) || isPerhapsDerived(model, base, from, seen)
  })
}

const isStruct = ({ project }: ProjectModel, name: string): boolean =>
  project.declarations.struct(name).length > 0 || project.declarations.struct(`struct ${name}`).length > 0

const castFor = ({ start, end, needsParentheses }: ObjectArgument, needed: CType): Fix => ({
  title: `cast it: \`(${written(needed)})\``,
  safety: 'safe',
  reason: '',
  includes: [],
  shims: [],
  kind: 'file',
  rewrites: [{ start, end, pieces: castPieces(needed, { start, end, needsParentheses }) }],
})
