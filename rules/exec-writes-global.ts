import type { Finding, Rule } from '../analyzer/check/rule.ts'
import { branchesAround, callsIn, nameAt, statementOf } from '../analyzer/code/placement.ts'
import { eachStatement } from '../analyzer/code/statements.ts'
import type { FunctionCode, Statement, Value } from '../analyzer/code/tree.ts'
import { bare, calleeName, eachValue, nameOf } from '../analyzer/code/values.ts'
import { isParameter, variablesNamed } from '../analyzer/code/variables.ts'
import type { ProjectModel } from '../analyzer/project/model.ts'
import { withCalled } from '../analyzer/semantics/callers.ts'
import { buildDoubts } from '../analyzer/semantics/calls.ts'
import { type Body, functionsOf } from '../analyzer/semantics/functions.ts'
import { type GlobalUse, namesWritten, usesOf } from '../analyzer/semantics/global-uses.ts'
import { type GlobalVariable, globalVariablesNamed } from '../analyzer/semantics/global-variables.ts'
import { moduleSlotTables } from '../analyzer/semantics/module-slots.ts'

const spam = (exec: string, slots = '{Py_mod_exec, spam_exec}, {0, NULL}'): string => `static PyObject *SpamError;
static PyObject *boil(PyObject *m, PyObject *none)
{
    PyErr_SetString(SpamError, "too hot");
    return NULL;
}
static int spam_exec(PyObject *m)
{
    ${exec}
    return PyModule_AddObjectRef(m, "Error", SpamError);
}
static PyMethodDef methods[] = {{"boil", boil, METH_NOARGS, NULL}, {NULL}};
static PyModuleDef_Slot slots[] = {${slots}};
static PyModuleDef spam_def = {PyModuleDef_HEAD_INIT, "spam", NULL, 0, methods, slots};
PyMODINIT_FUNC PyInit_spam(void) { return PyModuleDef_Init(&spam_def); }`

const made = 'SpamError = PyErr_NewException("spam.Error", NULL, NULL);'

export const execWritesGlobal: Rule = {
  name: 'exec-writes-global',
  summary: 'a `Py_mod_exec` function that puts what it makes for one module into a variable of all of them',
  explanation: `A definition with slots may have any number of modules: each interpreter imports its own, and an import
after \`del sys.modules["spam"]\` makes another one. \`Py_mod_exec\` is called for each of them. Where it puts the new
exception, type or dict into a static variable, the functions of all modules use what the last one has made:
\`except spam.Error\` no longer catches what \`spam.boil()\` raises, and an interpreter uses objects of another one.

Keep such objects in the state of the module (\`m_size\`, \`PyModule_GetState\`). Until then let a second module fail:
\`static int loaded; if (loaded) { PyErr_SetString(PyExc_ImportError, "..."); return -1; } loaded = 1;\`, and say
\`Py_MOD_MULTIPLE_INTERPRETERS_NOT_SUPPORTED\`. Of a module that says so this rule does not speak; of one that says
\`Py_MOD_PER_INTERPRETER_GIL_SUPPORTED\` the rule \`static-python-object\` does.`,
  severity: 'warning',
  effect: 'runtime-bug',
  examples: () => [
    {
      kind: 'bad',
      target: '3.10',
      compiler: 'silent',
      code: spam(made),
      reports: {
        at: '9:5 SpamError',
        message:
          '`spam_exec` sets `SpamError` anew for each module of the definition, and functions of all of them use it',
      },
    },
    {
      kind: 'bad',
      target: '3.10',
      compiler: 'silent',
      code: spam(`if (SpamError == NULL)\n        ${made}`),
      reports: {
        at: '10:9 SpamError',
        message: '`spam_exec` sets `SpamError` for all modules of the definition, and functions of all of them use it',
        severity: 'info',
        notes: ['it is kept where it is set already, so all interpreters use what the first one has made'],
      },
    },
    {
      kind: 'bad',
      target: '3.10',
      compiler: 'silent',
      code: spam(`${made}\n    if (SpamError == NULL)\n        return -1;`),
      reports: {
        at: '9:5 SpamError',
        message:
          '`spam_exec` sets `SpamError` anew for each module of the definition, and functions of all of them use it',
      },
    },
    {
      kind: 'bad',
      target: '3.10',
      compiler: 'silent',
      code: spam(`if ((${made.slice(0, -1)}) == NULL)\n        return -1;`),
      reports: {
        at: '9:10 SpamError',
        message:
          '`spam_exec` sets `SpamError` anew for each module of the definition, and functions of all of them use it',
      },
    },
    {
      kind: 'good',
      target: '3.10',
      code: spam(`static int loaded;
    if (loaded) {
        PyErr_SetString(PyExc_ImportError, "once in a process");
        return -1;
    }
    loaded = 1;
    ${made}`),
    },
    {
      kind: 'good',
      target: '3.12',
      code: spam(
        made,
        `{Py_mod_multiple_interpreters, Py_MOD_MULTIPLE_INTERPRETERS_NOT_SUPPORTED},
    {Py_mod_exec, spam_exec}, {0, NULL}`,
      ),
    },
    {
      kind: 'good',
      target: '3.10',
      code: spam(
        'PyObject *error = PyErr_NewException("spam.Error", NULL, NULL);\n    if (error == NULL)\n        return -1;',
      ),
    },
  ],
  *check({ model }) {
    const told = new Set<FunctionCode>()
    for (const { file, slots } of moduleSlotTables(model)) {
      // Who makes the module may give the same one each time, as Cython does.
      if (slots.some(({ name }) => name === 'Py_mod_create')) continue
      const says = slots.find(({ name }) => name === 'Py_mod_multiple_interpreters')?.value
      if (says === 'Py_MOD_PER_INTERPRETER_GIL_SUPPORTED' || says?.endsWith('NOT_SUPPORTED')) continue
      for (const { name, value, compiled } of slots) {
        if (name !== 'Py_mod_exec' || value === null) continue
        const [body, ...others] = functionsOf(model).named(file, value)
        if (!body || others.length > 0 || told.has(body.code)) continue
        told.add(body.code)
        const finding = findingFor(model, body, compiled === 'unknown' ? 'unknown' : 'yes')
        if (finding) yield finding
      }
    }
  },
}

/** A place where the initialisation of a module gives a variable another value. */
interface Write {
  readonly variable: GlobalVariable
  readonly use: GlobalUse
  readonly how: 'anew' | 'once' | 'unknown'
}

function findingFor(model: ProjectModel, exec: Body, compiled: 'yes' | 'unknown'): Finding | null {
  const bodies = withCalled(model, [exec])
  const reached = new Set(bodies.map(({ code }) => code))
  const writes: Write[] = []
  for (const variable of variablesWritten(model, bodies)) {
    if (variable.isThreadLocal || variable.isConstant) continue
    const uses = usesOf(model, variable)
    const own = uses.filter(({ how, around }) => how === 'write' && around !== null && reached.has(around))
    const [first] = own
    if (!first) continue
    if (isOnlyOnce(exec, variable.name, own)) return null
    const isObject = variable.holds === 'object' || variable.holds === 'references'
    const how = howWritten(exec, variable.name, first)
    if (isObject && how !== null && uses.some(({ around }) => around !== null && !reached.has(around)))
      writes.push({ variable, use: first, how })
  }
  const main = writes.find(({ how }) => how === 'anew') ?? writes[0]
  if (!main) return null
  const { variable, use, how } = main
  const others = writes.length - 1
  const more = others === 0 ? '' : others === 1 ? ' and another variable' : ` and ${others} other variables`
  const scope = how === 'anew' ? 'anew for each module' : 'for all modules'
  const doubts = how === 'anew' ? [] : [how === 'once' ? keptOnce : notMade]
  return {
    file: use.file,
    start: use.offset,
    end: use.offset + variable.name.length,
    symbol: 'Py_mod_exec',
    severity: how === 'anew' && compiled === 'yes' ? 'warning' : 'info',
    notes: [...buildDoubts(compiled), ...doubts],
    message:
      `\`${exec.code.name}\` sets \`${variable.name}\`${more} ${scope} of the ` +
      `definition, and functions of all of them use ${others === 0 ? 'it' : 'them'}`,
    advice: 'Keep what belongs to one module in its state, or refuse to make a second module.',
  }
}

/** The variables of the names that some functions may give another value, in the order of files and texts. */
function variablesWritten(model: ProjectModel, bodies: readonly Body[]): readonly GlobalVariable[] {
  const names = new Set<string>()
  for (const { code } of bodies)
    for (const name of namesWritten(code)) if (!isParameter(code, name) && !isOwn(code, name)) names.add(name)
  return [...names]
    .flatMap((name) => globalVariablesNamed(model, model.project.filesWith(name), name))
    .sort((a, b) => a.file - b.file || a.span.start - b.span.start)
}

/** Whether a name is that of a variable that a function makes anew each time. */
const isOwn = (code: FunctionCode, name: string): boolean => {
  const declared = variablesNamed(code, name)
  return declared.length > 0 && declared.every(({ storage }) => storage === '')
}

const keptOnce = 'it is kept where it is set already, so all interpreters use what the first one has made'
const notMade = 'what it is set to may be the same each time'

/** Whether the function for each module ends at once where it has set a variable before: it asks, and returns. */
function isOnlyOnce({ code }: Body, name: string, writes: readonly GlobalUse[]): boolean {
  const helpers = new Set(writes.flatMap(({ around }) => (around && around !== code ? [around.name] : [])))
  const calls = callsIn(code).filter((call) => helpers.has(calleeName(call) ?? ''))
  const own = writes.flatMap(({ around, offset }) => (around === code ? [offset] : []))
  const places = [...own, ...calls.map(({ span }) => span.start)]
  const first = places.reduce((least, each) => Math.min(least, each), code.span.end)
  return eachStatement(code.body).some(
    (each) =>
      each.kind === 'if' && each.condition.span.end <= first && asksFor(each.condition, name) && leaves(each.then),
  )
}

const asksFor = (condition: Value, name: string): boolean =>
  eachValue(condition).some((each) => nameOf(each) === name && each.kind === 'name')

const leaves = (statement: Statement): boolean =>
  eachStatement([statement]).some((each) => each.kind === 'return' || each.kind === 'jump')

/** What is known of the value that a variable is given; null for one that no call makes, as of `None`. */
function howWritten(exec: Body, name: string, { around, offset }: GlobalUse): Write['how'] | null {
  const code = around!
  const value = nameAt(code, offset)
  const statement = value && statementOf(code, value)
  if (!value || !statement) return 'unknown'
  const given = eachStatement([statement])
    .flatMap((each) => (each.kind === 'expression' && each.value ? eachValue(each.value) : []))
    .concat(statement.kind === 'if' ? eachValue(statement.condition) : [])
    .find((each) => each.kind === 'assign' && bare(each.target).span.start <= offset && offset < each.target.span.end)
  if (given?.kind !== 'assign') return 'unknown'
  // The module itself.
  const isModule = code === exec.code && nameOf(given.value) === code.parameters[0]?.name
  if (!isModule && bare(given.value).kind !== 'call') return null
  if (branchesAround(code, statement).some((branch) => guards(code, branch, name))) return 'once'
  return isModule || isMade(given.value) ? 'anew' : 'unknown'
}

/** Whether a value is an object that is new at each call, behind casts. */
function isMade(value: Value): boolean {
  const inner = bare(value)
  if (inner.kind !== 'call') return false
  const [first, ...others] = inner.operands
  const name = calleeName(inner) ?? ''
  return makers.test(name) || (/cast|NewRef/.test(name) && !!first && others.length === 0 && isMade(first))
}

function guards(code: FunctionCode, branch: Statement, name: string): boolean {
  return eachStatement(code.body).some(
    (each) =>
      each.kind === 'if' && (each.then === branch || each.otherwise === branch) && asksFor(each.condition, name),
  )
}

/** Functions that make an object anew at each call, which nobody else can have. */
const makers =
  /^Py(?:Err_NewException(?:WithDoc)?|Type_From\w+|StructSequence_NewType|(?:Dict|List|Set|FrozenSet)_New)$/
