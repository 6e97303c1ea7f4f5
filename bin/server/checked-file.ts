import type { Located, Problem, Run } from '../../analyzer/check/diagnostic.ts'
import { nameOf } from '../../analyzer/store/disk.ts'
import type { FixOptions } from '../../analyzer/workspace/settings.ts'
import type { FixResult, SuppressResult } from '../../analyzer/workspace/workspace.ts'
import { BaselineFile, findBaseline } from '../baseline-file.ts'
import { findProject, type OpenProject } from '../project.ts'
import { projectFrom } from '../project-flags.ts'
import type { OtherFiles } from '../revisions.ts'
import { rulesOf } from '../rule-selection.ts'
import { headersFrom, targetsFrom, targetsOfFiles } from '../target-flags.ts'
import { openTerminal } from '../terminal.ts'

/** What is found in a file that is open. */
export interface Findings {
  readonly diagnostics: readonly Located[]
  /** What is to be said besides. */
  readonly problems: readonly Problem[]
  /** The rules that ran. */
  readonly rules: Run['rules']
}

/** A project opened for one file, and what it is asked. */
interface Opened {
  readonly project: OpenProject
  readonly name: string
  readonly asked: FixOptions
  withoutKnown(run: Run): Run
}

/** The flags that nobody gives: all is said by the configuration. */
const flags = {
  includeDirectory: [],
  define: [],
  undefine: [],
  jobs: '1',
  quiet: true,
  isolated: false,
  exclude: true,
  target: [],
} as const

/** A file that is checked again and again as `abi3lint check FILE` does, with the texts that an editor has. */
export class CheckedFile {
  private opened: Promise<Opened> | null = null
  private last: { readonly edition: number; readonly findings: Findings } | null = null

  /**
   * @param path real
   * @param others what the editor has open, by real paths: read anew for each question
   */
  constructor(
    private readonly path: string,
    private readonly others: OtherFiles,
  ) {}

  /** Forgets what was read of configurations, build files and names of files. */
  reopen(): void {
    this.opened = null
    this.last = null
  }

  /**
   * What is found in the file.
   * @param edition that of the texts: what was found in the same ones is found again
   * @throws UsageError for what is wrong with the configuration; what a rule throws
   */
  async findings(edition: number): Promise<Findings> {
    if (this.last?.edition === edition) return this.last.findings
    const { project, name, asked, withoutKnown } = await this.upToDate()
    const run = withoutKnown(project.workspace.check(asked).run)
    const diagnostics = run.diagnostics.filter(({ file }) => file === name)
    const findings = { diagnostics, problems: [...run.problems, ...project.problems], rules: run.rules }
    this.last = { edition, findings }
    return findings
  }

  /** What fixes come to. @throws as `findings` */
  async fix(options: Pick<FixOptions, 'unsafe' | 'only'>): Promise<FixResult> {
    const { project, asked } = await this.upToDate()
    return project.workspace.fix({ ...asked, ...options, locked: project.outside })
  }

  /** What becomes of the file where its static types are heap types. @throws as `findings` */
  async rewriteTypes(): Promise<FixResult> {
    const { project, asked } = await this.upToDate()
    return project.workspace.rewrite('types', { ...asked, locked: project.outside })
  }

  /** Comments that suppress what is found. @throws as `findings` */
  async suppress(only: FixOptions['only']): Promise<SuppressResult> {
    const { project, asked } = await this.upToDate()
    return project.workspace.suppress('', { ...asked, only, locked: project.outside })
  }

  private async upToDate(): Promise<Opened> {
    const before = this.opened
    this.opened ??= this.open()
    const opening = this.opened
    try {
      const opened = await opening
      if (before !== null) await opened.project.workspace.update(new Map())
      return opened
    } catch (error) {
      if (this.opened === opening) this.opened = null
      throw error
    }
  }

  private async open(): Promise<Opened> {
    const options = await projectFrom([this.path], flags)
    const { configuration } = options
    const found = findProject({ ...options, writes: false, others: this.others, staysOpen: true })
    const known = findBaseline({ file: null, isOff: false }, found.roots, null)
    const baseline = known && new BaselineFile(known, false)
    return {
      project: await found.open(openTerminal('never', true), '', null),
      name: nameOf(found.root, this.path),
      asked: {
        targets: targetsFrom(flags, configuration),
        targetsOf: targetsOfFiles(flags, configuration),
        headers: headersFrom({}, configuration),
        ...(await rulesOf({ select: [], ignore: [] }, configuration)),
      },
      withoutKnown: (run) => (baseline === null ? run : baseline.apply(run, found.roots).run),
    }
  }
}
