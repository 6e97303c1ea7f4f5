import type { Finding, Rule } from '../analyzer/check/rule.ts'
import { callsIn } from '../analyzer/code/placement.ts'
import { calleeName, plainText } from '../analyzer/code/values.ts'
import { oldestPython } from '../analyzer/knowledge/target.ts'
import type { ProjectModel } from '../analyzer/project/model.ts'
import { buildDoubts } from '../analyzer/semantics/calls.ts'
import { deallocationOf } from '../analyzer/semantics/deallocation.ts'
import { entryOf, functionOf, shownType, specsOf, typeBehind } from '../analyzer/semantics/heap-types.ts'
import { secondInit } from '../analyzer/semantics/second-references.ts'
import type { HeapType } from '../analyzer/semantics/type-definition.ts'
import type { TypeCall } from '../analyzer/semantics/type-specs.ts'

const spam = (call: string, release: string): string => `typedef struct { PyObject_HEAD int n; } Spam;
static PyTypeObject *Spam_Type;
static void spam_dealloc(PyObject *self) { PyTypeObject *tp = Py_TYPE(self); PyObject_Free(self); ${release} }
static PyType_Slot spam_slots[] = {{Py_tp_dealloc, spam_dealloc}, {0, NULL}};
static PyType_Spec spam_spec = {"spam.Spam", sizeof(Spam), 0, Py_TPFLAGS_DEFAULT, spam_slots};
int spam_exec(PyObject *m) { Spam_Type = (PyTypeObject *)PyType_FromSpec(&spam_spec); return Spam_Type ? 0 : -1; }
PyObject *spam_new(void) { Spam *made = PyObject_New(Spam, Spam_Type); ${call}return (PyObject *)made; }`

export const objectNewOnHeapType: Rule = {
  name: 'object-new-on-heap-type',
  summary: '`PyObject_New` that takes no reference to its heap type, or takes two',
  explanation: `An instance of a heap type owns a reference to the type, which \`tp_dealloc\` gives back. \`tp_alloc\`
takes it in all versions; \`PyObject_New\`, \`PyObject_GC_New\` and their kin take it from Python 3.8 on only. Below
that each object takes a reference away, until the type dies while it is used: make objects by
\`PyType_GenericAlloc\`. An object that has its type already takes a second reference by \`PyObject_Init\`, which
nobody gives back.`,
  severity: 'warning',
  effect: 'runtime-bug',
  examples: () => [
    {
      kind: 'bad',
      target: '3.7',
      compiler: 'silent',
      code: spam('', 'Py_DECREF(tp);'),
      reports: {
        at: '7:41 PyObject_New(Spam, Spam_Type)',
        message:
          'before Python 3.8 `PyObject_New` takes no reference to `spam.Spam`, and `spam_dealloc` gives one back',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: spam('PyObject_Init((PyObject *)made, Spam_Type); ', 'Py_DECREF(tp);'),
      reports: {
        at: '7:72 PyObject_Init((PyObject *)made, Spam_Type)',
        message: '`PyObject_New` has made an instance of `spam.Spam` of this: `PyObject_Init` takes a second reference',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: spam('PyObject_Init((PyObject *)made, Spam_Type); ', 'Py_DECREF(tp);').replace(
        'Spam_Type = (PyTypeObject *)PyType_FromSpec(&spam_spec); return Spam_Type ? 0 : -1;',
        'return PepType_Ready(&Spam_Type, &spam_spec, NULL);',
      ),
      reports: {
        at: '7:72 PyObject_Init((PyObject *)made, Spam_Type)',
        message: '`PyObject_New` has made an instance of `spam.Spam` of this: `PyObject_Init` takes a second reference',
      },
    },
    {
      kind: 'good',
      target: '3.9',
      code: spam(
        'if (kept) { made = kept; kept = NULL; PyObject_Init((PyObject *)made, Spam_Type); } ',
        'Py_DECREF(tp);',
      ).replace('static PyTypeObject', 'static Spam *kept;\nstatic PyTypeObject'),
    },
    { kind: 'good', target: '3.9', code: spam('', 'Py_DECREF(tp);') },
    { kind: 'good', target: '3.7', compiler: 'silent', code: spam('', '(void)tp;') },
    { kind: 'good', target: '3.7', compiler: 'silent', code: spam('Py_INCREF(Spam_Type); ', 'Py_DECREF(tp);') },
  ],
  *check({ model, target }) {
    for (const file of model.files.keys()) {
      for (const made of specsOf(model, file).calls) {
        const type = typeMade(model, file, made)
        if (type === null) continue
        const doubts = buildDoubts(model.active(file, made.region))
        const { name, call } = made
        const found = oldestPython(target) < 8 ? missing(model, type, made) : second(type, made)
        if (found !== null) yield { file, symbol: name, notes: doubts, fix: null, ...call.span, ...found }
      }
    }
  },
}

const makers = /^PyObject_(?:GC_)?(?:New|NewVar|NEW|NEW_VAR)$/

/** The heap type that a call makes an instance of; null for none that is known. */
function typeMade(model: ProjectModel, file: number, { name, call, region }: TypeCall): HeapType | null {
  const [, made] = call.operands
  if (!makers.test(name) || !made || model.active(file, region) === 'no') return null
  return model.isProjectDefined(file, name) === 'no' ? typeBehind(model, file, plainText(made)) : null
}

type Found = Pick<Finding, 'message' | 'advice'> & Partial<Pick<Finding, 'start' | 'end' | 'symbol'>>

/** Below 3.8: the reference that is given back without having been taken. */
function missing(model: ProjectModel, type: HeapType, { name, call, around }: TypeCall): Found | null {
  const made = plainText(call.operands[1]!)
  const isTaken = callsIn(around).some(
    (each) =>
      /^Py_X?INCREF$/.test(calleeName(each) ?? '') &&
      each.operands.some((operand) => plainText(operand) === made || /^Py_TYPE\(/.test(plainText(operand))),
  )
  const dealloc = functionOf(model, type, 'Py_tp_dealloc')
  const releases =
    dealloc === null ? entryOf(type, 'Py_tp_dealloc') === null : deallocationOf(model, dealloc).releasesType
  if (isTaken || !releases || !type.isWhole) return null
  const who = dealloc === null ? 'the `tp_dealloc` of heap types' : `\`${dealloc.code.name}\``
  return {
    message: `before Python 3.8 \`${name}\` takes no reference to ${shownType(type)}, and ${who} gives one back`,
    advice: 'Make it by `PyType_GenericAlloc`, which takes one in all versions, or ask for Python 3.8.',
  }
}

/** From 3.8 on: the reference that is taken by `PyObject_Init` for an object that has its type. */
function second(type: HeapType, { name, call, around }: TypeCall): Found | null {
  const init = secondInit(around, call)
  if (init === null) return null
  const called = calleeName(init)!
  return {
    ...init.span,
    symbol: called,
    message: `\`${name}\` has made an instance of ${shownType(type)} of this: \`${called}\` takes a second reference`,
    advice: `Leave \`${called}\` out.`,
  }
}
