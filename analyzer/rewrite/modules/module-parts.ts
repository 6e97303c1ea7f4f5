import type { FileId } from '../../source/text.ts'
import type { Sources } from '../sources.ts'
import type { ExistingState } from './existing-state.ts'
import type { InitCode } from './init-code.ts'
import type { StateAccess } from './state-access.ts'
import type { StateMember } from './state-members.ts'
import type { TypeMaking } from './type-makings.ts'

/** What is found of a module before anything of it is rewritten. */
export interface ModuleParts {
  readonly sources: Sources
  readonly init: InitCode
  /** The files it is made of that people wrote. */
  readonly files: readonly FileId[]
  readonly members: readonly StateMember[]
  readonly makings: readonly TypeMaking[]
  readonly access: StateAccess
  /** The state that it has already; null for none. */
  readonly existing: ExistingState | null
}
