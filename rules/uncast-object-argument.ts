import type { Rule } from '../analyzer/check/rule.ts'
import { castPieces } from '../analyzer/fix/recipe-fix.ts'
import { structBehind } from '../analyzer/project/typing.ts'

export const uncastObjectArgument: Rule = {
  name: 'uncast-object-argument',
  summary: 'another pointer than `PyObject *` for a function that no longer casts it',
  explanation: `Up to level 3.10 \`Py_INCREF\`, \`Py_TYPE\` and their like are macros that cast what they are given
to \`PyObject *\`. From level 3.11 on they are functions: a pointer to a struct of your own is refused by C++ and by
gcc 14 and newer; older compilers of C warn. Write the cast.`,
  severity: 'error',
  effect: 'build-break',
  examples: [
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
  ],
  *check({ model, target }) {
    if (target.level < 11 || target.headers < 11) return
    for (const [file, { objectArguments, dialect }] of model.files.entries()) {
      for (const { called, start, end, type: expression, needsParentheses, region } of objectArguments) {
        if (model.active(file, region) === 'no' || model.isProjectDefined(file, called) !== 'no') continue
        const type = model.typeOf(file, expression, start)
        const struct = type === null ? null : structBehind(model.apiType(file, type))
        if (
          type === null ||
          struct === null ||
          struct === 'PyObject' ||
          struct === 'struct _object' ||
          !model.apiType(file, type).endsWith('*')
        )
          continue
        // A class may be derived from PyObject.
        if (dialect === 'cpp' && model.hasBases(struct)) continue
        const notes = [
          ...(dialect === 'c' ? ['in C gcc refuses it from version 14 on, other compilers warn'] : []),
          ...(model.knowsStruct(file, type) ? [] : [`\`${struct}\` is not known from the files read`]),
        ]
        yield {
          file,
          start,
          end,
          symbol: called,
          message:
            `\`${called}\` takes a \`PyObject *\` from level 3.11 on, this is a ` +
            `\`${type.replace(/\*+$/, ' $&')}\``,
          advice: 'Cast it: `(PyObject *)`.',
          ...(notes.length > 0 ? { severity: 'warning', notes } : {}),
          fix: {
            title: 'cast it: `(PyObject *)`',
            safety: 'safe',
            reason: '',
            includes: [],
            shims: [],
            kind: 'file',
            rewrites: [{ start, end, pieces: castPieces('PyObject*', { start, end, needsParentheses }) }],
          },
        }
      }
    }
  },
}
