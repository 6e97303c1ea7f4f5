import type { GlobalUser, Place, SurveyedGlobal, SurveyedModule } from '../../analyzer/check/module-survey.ts'
import type { ReportData } from './data.ts'
import { figure, folded, type Html, html, prose, table } from './markup.ts'

const kinds: Readonly<Record<SurveyedModule['init'], string>> = {
  'single-phase': 'single-phase',
  'multi-phase': 'multi-phase',
  export: 'PyModExport',
  unknown: 'not understood',
}

const holding = { type: 'static type', object: 'object', references: 'refers to objects', data: 'data' } as const

const at = ({ file, line }: Place): Html => html`<span class="path">${file}:${line}</span>`

/** How many users of a variable are named. */
const shownUsers = 4

const users = (all: readonly GlobalUser[]): Html =>
  html`${all
    .slice(0, shownUsers)
    .map(
      ({ function: name, roles }, index) =>
        html`${index > 0 && ', '}${name === '' ? 'an initialiser' : html`<code>${name}</code>`}${
          roles.length > 0 && roles[0] !== 'helper' && ` (${roles.join(', ')})`
        }`,
    )}${all.length > shownUsers && ` and ${all.length - shownUsers} more`}`

const globals = (all: readonly SurveyedGlobal[], name: string): Html =>
  table(
    `Variables of ${name} that there are once in a process`,
    [
      { title: 'variable' },
      { title: 'type' },
      { title: 'holds' },
      { title: 'where' },
      { title: 'written by' },
      { title: 'read by' },
    ],
    all.map((each) => [
      html`<code>${each.name}</code>`,
      html`<code>${each.type}</code>`,
      `${holding[each.holds]}${each.isThreadLocal ? ', one for each thread' : ''}`,
      at(each),
      users(each.writers),
      users(each.readers),
    ]),
  )

/** How modules keep their state, and what stands between them and several interpreters. */
export function stateSection({ modules: { modules } }: ReportData): Html {
  const ready = modules.filter(({ obstacles }) => obstacles.length === 0).length
  const rows = modules.map(({ name, init, size, types, globals: all, obstacles }) => {
    const statics = types.filter(({ kind }) => kind === 'static').length
    return [
      html`<code>${name}</code>`,
      kinds[init],
      size === null ? '' : html`<code>${size}</code>`,
      figure(statics),
      figure(types.length - statics),
      figure(all.length),
      obstacles.length === 0
        ? 'nothing was found'
        : html`${obstacles.map((each, index) => html`${index > 0 && '; '}${prose(each)}`)}`,
    ]
  })
  const number = (title: string) => ({ title, isNumber: true })
  return html`<section id="state" aria-labelledby="state-h"><h2 id="state-h">State and subinterpreters</h2>
<p>${
    modules.length === 0
      ? 'No module was found.'
      : `${ready} of ${modules.length} ${modules.length === 1 ? 'module' : 'modules'} can be in two interpreters ` +
        'that do not disturb each other, as far as can be seen.'
  }</p>
${
  modules.length > 0 &&
  table(
    'State of modules',
    [
      { title: 'module' },
      { title: 'init' },
      { title: 'm_size' },
      number('static types'),
      number('heap types'),
      number('globals'),
      { title: 'between it and two interpreters' },
    ],
    rows,
  )
}
${modules
  .filter(({ globals: all }) => all.length > 0)
  .map(({ name, globals: all }) =>
    folded(
      html`<code>${name}</code> keeps ${figure(all.length)} ${all.length === 1 ? 'variable' : 'variables'}`,
      globals(all, name),
    ),
  )}
</section>
`
}
