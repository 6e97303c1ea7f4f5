import type { Rule } from '../analyzer/check/rule.ts'
import { parentsIn, statementOf } from '../analyzer/code/placement.ts'
import { innerStatements } from '../analyzer/code/statements.ts'
import type { CallValue, FunctionCode, Statement } from '../analyzer/code/tree.ts'
import { calleeName, nameOf } from '../analyzer/code/values.ts'
import { callsOf } from '../analyzer/semantics/calls.ts'

const locked = (body: string, end = 'Py_END_CRITICAL_SECTION();'): string => `int f(PyObject *o, PyObject *dict)
{
    Py_ssize_t size;
    Py_BEGIN_CRITICAL_SECTION(dict);
    size = PyDict_Size(dict);
    ${body}
    ${end}
    return size > 0;
}`

export const unendedCriticalSection: Rule = {
  name: 'unended-critical-section',
  summary: 'critical section that is left without its end',
  explanation: `\`Py_BEGIN_CRITICAL_SECTION\` locks an object, and puts a variable of the block on a list that the thread
keeps. \`Py_END_CRITICAL_SECTION\` takes it off. Where \`return\`, \`goto\`, \`break\` or \`continue\` leave the block before,
the object stays locked, and the list leads to a variable that is gone: the next critical section that the thread
suspends crashes. With a GIL the macros do nothing, so only a Python without one shows it.

Put the result into a variable, and leave behind the end.`,
  severity: 'warning',
  effect: 'runtime-bug',
  examples: () => [
    {
      kind: 'bad',
      target: 'abi3t',
      compiler: 'silent',
      code: locked('if (size < 0)\n        return -1;'),
      reports: { at: '7:9 return -1;', message: '`return` leaves a critical section before its end' },
    },
    {
      kind: 'bad',
      target: 'abi3t',
      compiler: 'silent',
      code: `PyObject *f(PyObject *list)
{
    for (int i = 0; i < 9; i++) {
        Py_BEGIN_CRITICAL_SECTION2(list, list);
        if (PyList_Size(list) < 0)
            continue;
        Py_END_CRITICAL_SECTION2();
    }
    Py_RETURN_NONE;
}`,
      reports: { at: '6:13 continue;', message: '`continue` leaves a critical section before its end' },
    },
    {
      kind: 'bad',
      target: 'abi3t',
      compiler: 'silent',
      code: `PyObject *f(PyObject *list)
{
    Py_BEGIN_CRITICAL_SECTION(list);
    if (PyList_Size(list) < 0)
        Py_RETURN_NONE;
    Py_END_CRITICAL_SECTION();
    return NULL;
}`,
      reports: { at: '5:9 Py_RETURN_NONE;', message: '`Py_RETURN_NONE` leaves a critical section before its end' },
    },
    { kind: 'good', target: 'abi3t', code: locked('while (size > 3)\n        if (--size == 7)\n            break;') },
    { kind: 'good', target: 'abi3t', code: locked('') },
  ],
  *check({ model }) {
    for (const [begin, end] of pairs)
      for (const { file, around, call, doubts } of callsOf(model, begin))
        for (const { statement, by } of leavingOf(around, call, end))
          yield {
            file,
            ...statement.span,
            symbol: begin,
            notes: doubts,
            message: `\`${by}\` leaves a critical section before its end`,
            advice: `Put the result into a variable, and leave behind \`${end}\`.`,
          }
  },
}

const pairs = ['', '2', '_MUTEX', '2_MUTEX'].map(
  (kind) => [`Py_BEGIN_CRITICAL_SECTION${kind}`, `Py_END_CRITICAL_SECTION${kind.replace('_MUTEX', '')}`] as const,
)

interface Leaving {
  readonly statement: Statement
  /** What leaves: `return`, `goto`. */
  readonly by: string
}

/** The statements between a begin and the end in its block that leave the block. */
function leavingOf(code: FunctionCode, call: CallValue, end: string): readonly Leaving[] {
  const first = statementOf(code, call)
  const block = first && parentsIn(code).get(first)
  const list = block === undefined ? code.body : block?.kind === 'block' ? block.statements : []
  const start = first ? list.indexOf(first) : -1
  const rest = list.slice(start + 1)
  const length = rest.findIndex((each) => each.kind === 'expression' && named(each) === end)
  if (start < 0 || length < 0) return []
  const found: Leaving[] = []
  const visit = (statements: readonly Statement[], isInLoop: boolean, isBreakable: boolean): void => {
    for (const each of statements) {
      const macro = each.kind === 'expression' ? named(each) : null
      if (each.kind === 'return') found.push({ statement: each, by: 'return' })
      else if (each.kind === 'jump' && !isKept(each.jump, isInLoop, isBreakable))
        found.push({ statement: each, by: each.jump })
      else if (macro !== null && /^Py_RETURN_/.test(macro)) found.push({ statement: each, by: macro })
      const loops = isInLoop || each.kind === 'loop'
      visit(innerStatements(each), loops, isBreakable || loops || each.kind === 'switch')
    }
  }
  visit(rest.slice(0, length), false, false)
  // A label within the section is no way out.
  const labels = rest.slice(0, length).some((each) => each.kind === 'label')
  return labels ? found.filter(({ by }) => by !== 'goto') : found
}

const isKept = (jump: string, isInLoop: boolean, isBreakable: boolean): boolean =>
  jump === 'continue' ? isInLoop : jump === 'break' && isBreakable

/** The function or the macro that a statement calls or names. */
function named(statement: Extract<Statement, { kind: 'expression' }>): string | null {
  const { value } = statement
  if (value === null) return null
  return value.kind === 'call' ? calleeName(value) : nameOf(value)
}
