import type { CheckContext, Finding, Rule } from '../analyzer/check/rule.ts'
import { assignedTo, inCasts } from '../analyzer/code/placement.ts'
import { valuesInCode } from '../analyzer/code/statements.ts'
import type { Value } from '../analyzer/code/tree.ts'
import { bare, calleeName, pointedName } from '../analyzer/code/values.ts'
import type { ProjectModel } from '../analyzer/project/model.ts'
import { type CallIn, callsAndExpansionsOf, compiledAt } from '../analyzer/semantics/calls.ts'
import { moduleDefNamed } from '../analyzer/semantics/module-defs.ts'
import { type ExportedTable, exportedTables } from '../analyzer/semantics/module-slots.ts'
import { modulesOf } from '../analyzer/semantics/modules.ts'

const spam = (body: string, token = ''): string => `PyABIInfo_VAR(abi_info);
static PyModuleDef spam_def = {PyModuleDef_HEAD_INIT, .m_name = "spam"};
static PyObject *spam_repr(PyObject *self)
{
    ${body}
}
PyType_Slot spam_type_slots[] = {{Py_tp_repr, spam_repr}, {0, NULL}};
static PySlot spam_slots[] = {
    PySlot_STATIC_DATA(Py_mod_name, "spam"),
    PySlot_DATA(Py_mod_abi, &abi_info),
    ${token}PySlot_END
};
PyMODEXPORT_FUNC PyModExport_spam(void) { (void)&abi_info; return spam_slots; }
PyMODINIT_FUNC PyInit_spam(void) { return PyModuleDef_Init(&spam_def); }`

export const moduleDefLookup: Rule = {
  name: 'module-def-lookup',
  summary: 'a module that comes by `PyModExport_`, looked for by a `PyModuleDef`',
  explanation: `Python 3.15 takes the slots that \`PyModExport_spam\` gives, and no \`PyModuleDef\`, be there one for
older Pythons or not: \`PyModule_GetDef\` gives \`NULL\`, and \`PyState_FindModule\` and \`PyType_GetModuleByDef\` of
the definition find nothing, as no module has been made of it.

Give the module a token, \`PySlot_DATA(Py_mod_token, &spam_def)\`: then \`PyType_GetModuleByDef(type, &spam_def)\` finds
it in both ways, and \`PyType_GetModuleByToken\` and \`PyModule_GetToken\` are there for it. A name, as in
\`strcmp(PyModule_GetDef(m)->m_name, "spam")\`, tells nothing of which module that is.`,
  severity: 'error',
  effect: 'runtime-bug',
  examples: () => [
    {
      kind: 'bad',
      target: '3.15',
      compiler: 'silent',
      code: spam('return PyType_GetModuleByDef(Py_TYPE(self), &spam_def);'),
      reports: {
        at: '5:12 PyType_GetModuleByDef(Py_TYPE(self), &spam_def)',
        message:
          '`PyType_GetModuleByDef` finds no module: `PyModExport_spam` gives no `Py_mod_token` that is `spam_def`',
      },
    },
    {
      kind: 'good',
      target: '3.15',
      code: spam(
        'return PyType_GetModuleByDef(Py_TYPE(self), &spam_def);',
        'PySlot_DATA(Py_mod_token, &spam_def),\n    ',
      ),
    },
    {
      kind: 'bad',
      target: '3.15',
      compiler: 'silent',
      code: spam('return PyState_FindModule(&spam_def);'),
      reports: {
        at: '5:12 PyState_FindModule(&spam_def)',
        message: '`PyState_FindModule` finds no module: `PyModExport_spam` makes none of `spam_def`',
      },
    },
    {
      kind: 'bad',
      target: '3.15',
      compiler: 'silent',
      code: spam(
        'PyObject *m = PyType_GetModule(Py_TYPE(self));\n    return PyModule_GetDef(m) == &spam_def ? m : NULL;',
      ),
      reports: {
        at: '6:12 PyModule_GetDef(m)',
        message: '`PyModule_GetDef` gives `NULL`: `PyModExport_spam` makes no module of `spam_def`',
      },
    },
    {
      kind: 'bad',
      target: '3.12',
      compiler: 'silent',
      code: `#include <string.h>
int is_spam(PyObject *m) { return strcmp(PyModule_GetDef(m)->m_name, "spam") == 0; }`,
      reports: {
        at: '2:42 PyModule_GetDef(m)',
        message:
          'the name in a definition tells nothing of which module that is: another may have it, and another layout',
        severity: 'info',
      },
    },
    {
      kind: 'good',
      target: '3.12',
      code: `extern PyModuleDef spam_def;
int is_spam(PyObject *m) { return PyModule_GetDef(m) == &spam_def; }`,
    },
  ],
  *check(context) {
    const { model } = context
    const exported = byFile(context)
    for (const [name, operand] of lookups)
      for (const found of callsAndExpansionsOf(model, name)) {
        const given = exported.get(found.file)
        const token = found.call.operands[operand]
        const def = token ? pointedName(token) : null
        if (!given || def === null || moduleDefNamed(model, found.file, def) === null || isToken(given, def)) continue
        const isByDef = name === 'PyType_GetModuleByDef'
        // Where not all slots are known there may be a token.
        if (isByDef && !given.isWhole) continue
        const why = isByDef ? `gives no \`Py_mod_token\` that is \`${def}\`` : `makes none of \`${def}\``
        yield finding(found, name, `\`${name}\` finds no module: \`PyModExport_${given.module}\` ${why}`)
      }
    for (const found of callsAndExpansionsOf(model, 'PyModule_GetDef')) {
      const given = exported.get(found.file)
      const compared = comparedWith(found)
      if (given && compared !== null && moduleDefNamed(model, found.file, compared) !== null)
        yield finding(
          found,
          'PyModule_GetDef',
          `\`PyModule_GetDef\` gives \`NULL\`: \`PyModExport_${given.module}\` makes no module of \`${compared}\``,
        )
      else if (isAskedForName(found))
        yield {
          ...finding(
            found,
            'PyModule_GetDef',
            'the name in a definition tells nothing of which module that is: another may have it, and another layout',
          ),
          severity: 'info',
        }
    }
  },
}

/** Functions that look for a module by its definition, with the operand of that. */
const lookups: ReadonlyMap<string, number> = new Map([
  ['PyType_GetModuleByDef', 1],
  ['PyState_FindModule', 0],
])

function finding({ file, call, macro, doubts }: CallIn, symbol: string, message: string): Finding {
  return {
    file,
    ...call.span,
    macro,
    symbol,
    ...(doubts.length > 0 ? { severity: 'warning', notes: doubts } : {}),
    message,
    advice: 'Give the module a token, `Py_mod_token`, and ask by that.',
  }
}

/** What the only module that comes by a `PyModExport_` function gives, by the files that belong to it. */
function byFile({ model, buildFiles }: CheckContext): ReadonlyMap<number, ExportedTable> {
  const found = new Map<number, ExportedTable | null>()
  const tables = exportedTables(model).filter(({ table }) => isSurelyThere(model, table))
  if (tables.length > 0)
    for (const { name, definedIn, files } of modulesOf(model.project, buildFiles)) {
      const own = tables.filter(({ module, table }) => module === name && table.file === definedIn)
      for (const file of files) found.set(file, own.length === 1 && !found.has(file) ? own[0]! : null)
    }
  return new Map([...found].flatMap(([file, table]) => (table ? [[file, table] as const] : [])))
}

const isSurelyThere = (model: ProjectModel, { file, span }: ExportedTable['table']): boolean =>
  compiledAt(model, file, span.start) === 'yes'

/** Whether a name is the token of a module: the one that a slot says, or the address of its slots. */
function isToken({ table }: ExportedTable, name: string): boolean {
  const token = table.slots.find((each) => each.name === 'Py_mod_token')
  return token ? token.value === null || token.value === name : table.variable === name
}

/** What a definition is compared with, where it is asked for; null for nothing that has a name. */
function comparedWith({ around, call }: CallIn): string | null {
  const { whole, parent } = inCasts(around, call)
  if (parent?.kind !== 'binary' || !/^[!=]=$/.test(parent.operator)) return null
  return pointedName(parent.left === whole ? parent.right : parent.left)
}

/** Whether a module is asked for its definition to compare the name in it: `strcmp(PyModule_GetDef(m)->m_name, x)`. */
function isAskedForName({ around, call }: CallIn): boolean {
  const target = assignedTo(around, call)
  const variable = target?.kind === 'variable' ? target.name : target ? pointedName(target) : null
  const isName = (value: Value): boolean => {
    const inner = bare(value)
    if (inner.kind !== 'member' || inner.name !== 'm_name') return false
    return bare(inner.object) === call || (variable !== null && pointedName(inner.object) === variable)
  }
  return valuesInCode(around.body).some(
    (each) => each.kind === 'call' && /^str\w*cmp$/.test(calleeName(each) ?? '') && each.operands.some(isName),
  )
}
