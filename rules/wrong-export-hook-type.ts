import type { Finding, Rule } from '../analyzer/check/rule.ts'
import { eachStatement } from '../analyzer/code/statements.ts'
import type { FunctionCode } from '../analyzer/code/tree.ts'
import type { CType } from '../analyzer/knowledge/ctype.ts'
import type { ProjectModel } from '../analyzer/project/model.ts'
import { structBehind } from '../analyzer/project/typing.ts'
import { buildDoubts, compiledAt } from '../analyzer/semantics/calls.ts'
import { typeOfValue } from '../analyzer/semantics/value-types.ts'
import type { FileId, Span } from '../analyzer/source/text.ts'

export const wrongExportHookType: Rule = {
  name: 'wrong-export-hook-type',
  summary: '`PyModExport_` function that gives something else than an array of `PySlot`',
  explanation: `Python 3.15 calls \`PyModExport_<name>\` for an array of \`PySlot\` (PEP 793, PEP 820). In drafts of the PEP
it was one of \`PyModuleDef_Slot\`: C++ and gcc 14 refuse it where the function is declared by \`PyMODEXPORT_FUNC\`. Where
it is declared by hand with the type of the drafts it compiles, and Python reads the entries as what they are not.`,
  severity: 'error',
  effect: 'build-break',
  examples: () => [
    {
      kind: 'bad',
      target: 'abi3t',
      compiler: 'silent',
      code: `static PyModuleDef_Slot slots[] = {{Py_mod_name, (void *)"m"}, {0, NULL}};
PyMODEXPORT_FUNC PyModExport_m(void) { return slots; }`,
      reports: {
        at: '2:47 slots',
        message: '`PyModExport_m` gives a `PySlot *`, this is a `PyModuleDef_Slot *`',
        severity: 'warning',
        notes: ['in C gcc refuses it from version 14 on, other compilers warn'],
      },
    },
    {
      kind: 'bad',
      target: '3.15',
      compiler: 'silent',
      code: `static PyModuleDef_Slot slots[] = {{Py_mod_name, (void *)"m"}, {0, NULL}};
PyModuleDef_Slot *PyModExport_m(void) { return slots; }`,
      reports: {
        at: '2:19 PyModExport_m',
        message: '`PyModExport_m` gives a `PyModuleDef_Slot *`, Python takes it for a `PySlot *`',
        severity: 'warning',
      },
    },
    {
      kind: 'good',
      target: 'abi3t',
      code: `static PySlot slots[] = {PySlot_STATIC_DATA(Py_mod_name, "m"), PySlot_END};
PyMODEXPORT_FUNC PyModExport_m(void) { return slots; }`,
    },
    {
      kind: 'good',
      target: '3.12',
      code: `static PyModuleDef_Slot slots[] = {{0, NULL}};
static PyModuleDef def = {PyModuleDef_HEAD_INIT, "m", NULL, 0, NULL, slots};
PyMODINIT_FUNC PyInit_m(void) { return PyModuleDef_Init(&def); }`,
    },
  ],
  *check({ model, target }) {
    if (target.headers < 15) return
    for (const file of model.files.keys())
      for (const code of model.project.code(file).functionsLike(/^PyModExport_/)) yield* ofHook(model, file, code)
  },
}

function* ofHook(model: ProjectModel, file: FileId, code: FunctionCode): Iterable<Finding> {
  const isByHand = isDraft(model, file, code.result)
  if (isByHand) {
    const message = `\`${code.name}\` gives a \`PyModuleDef_Slot *\`, Python takes it for a \`PySlot *\``
    yield* at(model, file, code.nameSpan, code.name, message, [], true)
    return
  }
  for (const statement of eachStatement(code.body)) {
    if (statement.kind !== 'return' || statement.value === null) continue
    const type = typeOfValue(model, file, code, statement.value)
    if (type === null || !isDraft(model, file, type)) continue
    const isC = model.files[file]!.dialect === 'c'
    const doubts = isC ? ['in C gcc refuses it from version 14 on, other compilers warn'] : []
    const message = `\`${code.name}\` gives a \`PySlot *\`, this is a \`PyModuleDef_Slot *\``
    yield* at(model, file, statement.value.span, code.name, message, doubts, false)
  }
}

const isDraft = (model: ProjectModel, file: FileId, type: CType): boolean =>
  /^(?:struct )?PyModuleDef_Slot$/.test(structBehind(model.apiType(file, type)) ?? '')

function* at(
  model: ProjectModel,
  file: FileId,
  span: Span,
  symbol: string,
  message: string,
  doubts: readonly string[],
  compiles: boolean,
): Iterable<Finding> {
  const compiled = compiledAt(model, file, span.start)
  if (compiled === 'no') return
  const notes = [...buildDoubts(compiled), ...doubts]
  yield {
    file,
    ...span,
    symbol,
    message,
    advice: 'Make it an array of `PySlot` that ends with `PySlot_END`.',
    notes,
    ...(compiles ? { severity: 'warning', effect: 'runtime-bug' } : notes.length > 0 ? { severity: 'warning' } : {}),
  }
}
