import { limitedApi } from '../analyzer/check/of-use.ts'
import type { Rule } from '../analyzer/check/rule.ts'
import type { Declaration } from '../analyzer/facts/file-facts.ts'
import { macroAround } from '../analyzer/facts/macro-index.ts'
import type { ApiFact } from '../analyzer/knowledge/table.ts'
import { showVersion } from '../analyzer/knowledge/version.ts'
import type { ProjectModel } from '../analyzer/project/model.ts'
import { buildDoubts, compiledAt } from '../analyzer/semantics/calls.ts'
import { sees } from '../analyzer/semantics/hidden-names.ts'
import type { FileId } from '../analyzer/source/text.ts'

export const conflictingDeclaration: Rule = {
  name: 'conflicting-declaration',
  summary: 'declaration of the project that conflicts with that of the headers',
  explanation: `Projects declare for themselves what the Limited API lacks. At a level, or with headers, that have the
name, their definition of a type conflicts with the headers', and so does a function that is \`static\`: the compiler
takes neither. Such a declaration has to ask for the level: \`#if Py_LIMITED_API < 0x030B0000\`.`,
  severity: 'error',
  effect: 'build-break',
  examples: () => [
    {
      kind: 'bad',
      target: '3.11',
      code: `#ifdef Py_LIMITED_API
typedef struct bufferinfo { void *buf; PyObject *obj; Py_ssize_t len; } Py_buffer;
#endif`,
      reports: {
        at: '2:73 Py_buffer',
        message: '`Py_buffer` is defined by the headers, too: they have it in the Limited API from 3.11 on',
      },
    },
    {
      kind: 'bad',
      target: '3.12',
      code: 'typedef void (*getbufferproc)(PyObject *, Py_buffer *, int);',
      reports: {
        at: '1:16 getbufferproc',
        message: '`getbufferproc` is defined by the headers, too: they have it in the Limited API from 3.11 on',
      },
    },
    {
      kind: 'bad',
      target: '3.12',
      code: `#ifdef Py_LIMITED_API
static int PyModule_AddObjectRef(PyObject *module, const char *name, PyObject *value) { return -1; }
#endif`,
      reports: {
        at: '2:12 PyModule_AddObjectRef',
        message:
          '`PyModule_AddObjectRef` is declared by the headers, too: they have it in the Limited API from 3.10 on',
      },
    },
    {
      kind: 'good',
      target: '3.10',
      code: 'typedef struct bufferinfo { void *buf; PyObject *obj; Py_ssize_t len; } Py_buffer;',
    },
    {
      kind: 'good',
      target: '3.12',
      code: `typedef struct _object PyObject;
typedef int (*getbufferproc)(PyObject *, Py_buffer *, int);
int PyModule_AddObjectRef(PyObject *module, const char *name, PyObject *value);
#define PyModule_AddType spam_add_type
static int PyModule_AddType(PyObject *module, PyTypeObject *type) { return -1; }`,
    },
    {
      kind: 'good',
      target: '3.13',
      code: 'int PyObject_DelAttr(PyObject *it, PyObject *name) { return PyObject_SetAttr(it, name, NULL); }',
    },
    {
      kind: 'good',
      target: '3.12',
      file: 'namespace.cpp',
      code: 'namespace spam { static PyObject *Py_NewRef(PyObject *it) { return it; } }',
    },
  ],
  *check(context) {
    const { model } = context
    for (const [file, { declarations }] of model.files.entries()) {
      for (const declaration of declarations) {
        const { name, offset, expansion } = declaration
        const fact = model.api.fact(name)
        if (fact === null || expansion !== undefined || !model.api.declared(fact, model.target)) continue
        const compiled = compiledAt(model, file, offset)
        if (compiled === 'no' || !conflicts(model, file, declaration, fact) || isRenamed(model, file, name)) continue
        const notes = buildDoubts(compiled)
        const from = model.api.levels(fact, model.target.headers)?.first ?? model.target.level
        const how = declaration.kind === 'function' ? 'declared' : 'defined'
        yield {
          file,
          start: offset,
          end: offset + name.length,
          macro: macroAround(model.files[file]!, offset),
          symbol: name,
          message:
            `\`${name}\` is ${how} by the headers, too: they have it in ${limitedApi(context)} from ` +
            `${showVersion(from)} on`,
          advice: 'Leave it out where the headers have it.',
          ...(notes.length > 0 ? { severity: 'warning', notes } : {}),
        }
      }
    }
  },
}

/** Whether a compiler that has read CPython's headers does not take a declaration. */
function conflicts(
  model: ProjectModel,
  file: FileId,
  { kind, name, type, offset, defines }: Declaration,
  fact: ApiFact,
): boolean {
  const code = model.project.code(file)
  if (kind === 'function') {
    const isFunction = fact.entity === 'function' && (fact.macroUntil === null || fact.macroUntil < model.target.level)
    if (!isFunction || code.isMember(offset) || code.namespacesAt(offset).length > 0) return false
    // What was a macro at lower levels is exported where it is one no longer.
    return isStatic(code.text, offset) || (fact.inline && fact.macroUntil === null && defines)
  }
  if (kind !== 'typedef' || fact.entity !== 'type' || code.namespacesAt(offset).length > 0) return false
  const struct = model.api.struct(name)
  if (struct !== null) return type !== struct.tag && type !== name && isOwnStruct(model, type)
  const theirs = model.api.typedef(name)
  if (theirs === null || type === '' || !/[()*]/.test(theirs)) return false
  return model.apiType(file, type) !== model.apiType(file, theirs)
}

/** Whether a struct with a body of the project stands for a type. */
const isOwnStruct = (model: ProjectModel, type: string): boolean =>
  /^(?:struct|union) /.test(type) && model.project.declarations.struct(type).length > 0

/** How far before the name of a function, in bytes, its declaration begins at most. */
const longestHead = 300

/** Whether the declaration of a function says `static`. */
const isStatic = (text: string, offset: number): boolean =>
  /\bstatic\b/.test(/[^;{}#]*$/.exec(text.slice(Math.max(0, offset - longestHead), offset))?.[0] ?? '')

/** Whether a macro of the project takes a name's place. */
const isRenamed = (model: ProjectModel, file: FileId, name: string): boolean =>
  model.project.declarations
    .macro(name)
    .some((each) => sees(model, file, each.file) && model.active(each.file, each.fact.region) !== 'no')
