import { statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { Problem } from '../../analyzer/check/diagnostic.ts'
import { currentDirectory } from '../../analyzer/store/places.ts'
import { reason } from '../../analyzer/store/reason.ts'
import { systemPath } from '../../analyzer/store/system-path.ts'
import { UsageError } from '../exit.ts'
import { wouldBe } from '../places.ts'
import type { OtherFiles } from '../revisions.ts'
import { type ConfigFiles, configFilesOf, namedFilesOf, onDisk } from './config-files.ts'
import type { Configuration } from './configuration.ts'
import { type ConfigPlace, configPlaces, misspeltPlaces } from './find.ts'
import { shownName } from './shown-name.ts'

/** The configuration of a project, and what is to be said of others. */
export interface ProjectConfiguration {
  readonly configuration: Configuration | null
  readonly problems: readonly Problem[]
}

/**
 * Finds the configuration of what is asked for: that of the first path. What reads it is loaded where there is one.
 * @param named the file, where one is named; names in its patterns are below the current directory
 * @param others files that are to be taken as they are elsewhere; null for all as on the disk
 * @throws UsageError for what is wrong with it
 */
export async function findConfiguration(
  paths: readonly string[],
  named: string | null,
  others: OtherFiles | null = null,
): Promise<ProjectConfiguration> {
  const current = startDirectory()
  if (named !== null) {
    const { readConfiguration } = await import('./configuration.ts')
    const path = resolve(current, named)
    const from = others === null ? onDisk : namedFilesOf(others)
    const configuration = readConfiguration(path, current, current, from)
    if (configuration === null) throw new UsageError(`${shownName(path, current)} has no [tool.abi3lint]`)
    return { configuration, problems: [] }
  }
  const directories = [...new Set(paths.map((path) => directoryOf(wouldBe(resolve(current, path)))))]
  const from = others === null ? onDisk : configFilesOf(others)
  const places = directories.map((directory) => [...configPlaces(directory, from)])
  const misspelt = await misspeltIn(directories[0]!, current, from)
  if (places.every((each) => each.length === 0)) return { configuration: null, problems: misspelt }
  const { readConfigFile } = await import('./file.ts')
  const { readConfiguration } = await import('./configuration.ts')
  const isReal = ({ path }: ConfigPlace): boolean => readConfigFile(path, shownName(path, current), from) !== null
  const [own = null, ...further] = places.map((each) => each.find(isReal) ?? null)
  const ofOthers = new Set(further.flatMap((each) => (each === null || each.path === own?.path ? [] : [each.path])))
  const beside = (own?.others ?? []).filter((path) => isReal({ path, others: [] }))
  const ignored = (path: string, why: string): Problem => ({
    file: shownName(path, current),
    message: `is not used: ${why}`,
    severity: 'warning',
  })
  return {
    configuration: own && readConfiguration(own.path, dirname(own.path), current, from),
    problems: [
      ...misspelt,
      ...beside.map((path) => ignored(path, `${shownName(own!.path, current)} is the configuration of this directory`)),
      ...[...ofOthers].map((path) => ignored(path, 'the configuration of the first path counts for all of a run')),
    ],
  }
}

/** What is said of configurations that are called otherwise; what reads them is loaded where there may be one. */
async function misspeltIn(directory: string, current: string, from: ConfigFiles): Promise<readonly Problem[]> {
  if (misspeltPlaces(directory, from).length === 0) return []
  const { misspeltConfigurations } = await import('./misspelt.ts')
  return misspeltConfigurations(directory, current, from)
}

/** The directory that a path is or is in. */
function directoryOf(path: string): string {
  try {
    return statSync(systemPath(path), { throwIfNoEntry: false })?.isDirectory() ? path : dirname(path)
  } catch {
    return dirname(path)
  }
}

/** By its real path. @throws UsageError where it was deleted, or nobody may go through a directory above it */
function startDirectory(): string {
  try {
    return currentDirectory()
  } catch (error) {
    throw new UsageError(`the current directory cannot be read: ${reason(error)}`)
  }
}
