import type { SurveyedCapsule } from '../analyzer/check/capsule-survey.ts'
import type {
  GlobalUser,
  ModuleSurvey,
  Place,
  SurveyedGlobal,
  SurveyedModule,
} from '../analyzer/check/module-survey.ts'
import { buildLines } from './build.ts'
import { shownName } from './file-name.ts'
import type { TextStyle } from './full.ts'
import { jsonText } from './json-text.ts'
import { inert, printable } from './printable.ts'
import { count } from './tally.ts'

/** What modules keep for a process, for people: a paragraph for each, with the users of what it keeps. */
export function modulesText(survey: ModuleSurvey, { chalk }: TextStyle): string {
  const moduleLines = (module: SurveyedModule): string[] => [
    `${chalk.bold(inert(printable(module.name)))} (${at(module)}): ${initLine(module)}`,
    ...module.types.map((each) => `  ${each.kind} type ${printable(each.name)} (${at(each)})`),
    ...module.globals.flatMap(globalLines),
    ...module.capsules.map(capsuleLine),
    module.obstacles.length === 0
      ? '  Nothing was found that stands between it and two interpreters.'
      : `  Between it and two interpreters: ${printable(module.obstacles.join('; '))}.`,
    '',
  ]
  const others = [...survey.others.flatMap(globalLines), ...survey.otherCapsules.map(capsuleLine)]
  const them = survey.modules.length === 1 ? 'it' : 'them'
  const lines = [
    ...survey.modules.flatMap(moduleLines),
    ...survey.builds.flatMap((build) => buildLines(build, chalk.bold)),
    ...(others.length > 0 ? [chalk.bold('In no module that was found:'), ...others, ''] : []),
    `${count(survey.modules.length, 'module')}, seen as ${survey.target} sees ${them}.`,
  ]
  return `${lines.join('\n')}\n`
}

/** The survey as JSON: what `ModuleSurvey` says, with the version of its form. */
export const modulesJson = (survey: ModuleSurvey): string => jsonText({ schemaVersion: 1, ...survey })

const at = ({ file, line }: Place): string => `${shownName(file)}:${line}`

function initLine({ init, definition, size, macro }: SurveyedModule): string {
  const kinds = {
    'single-phase': 'single-phase init',
    'multi-phase': 'multi-phase init',
    export: 'PyModExport',
    unknown: 'how it is initialised is not understood',
  }
  const parts = [
    kinds[init],
    ...(definition === null ? [] : [`defined by ${printable(definition)}`]),
    ...(macro === null ? [] : [`defined by ${printable(macro.name)} of pep_state.h`]),
    ...(size === null ? [] : [`m_size ${printable(size)}`]),
    ...(macro === null ? [] : [`supports ${printable(macro.support)}`]),
  ]
  return parts.join(', ')
}

const holding = { type: 'static type', object: 'object', references: 'refers to objects', data: 'data' } as const

function globalLines(global: SurveyedGlobal): string[] {
  const { name, function: inside, type, holds, isThreadLocal, readers, writers } = global
  const where = inside === null ? at(global) : `in ${printable(inside)}, ${at(global)}`
  const thread = isThreadLocal ? ', one for each thread' : ''
  return [
    `  ${type === '' ? '' : `${printable(type)} `}${printable(name)} (${where}): ${holding[holds]}${thread}`,
    ...(writers.length > 0 ? [`    written by ${usersText(writers)}`] : []),
    ...(readers.length > 0 ? [`    read by ${usersText(readers)}`] : []),
  ]
}

/** How many names of a capsule are named. */
const shownNames = 3

function capsuleLine(capsule: SurveyedCapsule): string {
  const { what, by, function: inside, names, kind, memory, destructor, goals, doubts } = capsule
  const few = names.slice(0, shownNames).map((name) => (name === '' ? 'without a name' : `"${printable(name)}"`))
  const shown = [...few, ...(names.length > few.length ? [`${names.length - few.length} more`] : [])].join(' or ')
  const where = inside === '' ? at(capsule) : `in ${printable(inside)}, ${at(capsule)}`
  const parts =
    what === 'used'
      ? [`asked for by ${by}`]
      : [
          `${kind}`,
          `points to ${memory.length === 0 ? 'nothing that is known' : memory.join(' or ')}`,
          destructor === 'none'
            ? 'no destructor'
            : destructor === 'unknown'
              ? 'a destructor that was not read'
              : `destructor ${printable(`${destructor}`)}`,
          ...(goals.length === 0 ? [] : [`goes to ${printable(goals.join(', '))}`]),
        ]
  const said = [...parts, ...doubts].join(', ')
  return `  capsule ${shown === '' ? 'whose name is not known' : shown} (${where}): ${said}`
}

/** How many users are named. */
const shown = 6

function usersText(users: readonly GlobalUser[]): string {
  const named = users.slice(0, shown).map(({ function: name, roles }) => {
    const isPlain = roles.length === 0 || (roles.length === 1 && roles[0] === 'helper')
    return name === '' ? 'an initialiser' : `${printable(name)}${isPlain ? '' : ` (${printable(roles.join(', '))})`}`
  })
  const more = users.length - named.length
  return `${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}
