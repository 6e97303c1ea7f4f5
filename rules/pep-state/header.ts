import { stateFunctions } from './functions.ts'
import { stateLookup } from './lookup.ts'
import { stateModule } from './module.ts'

/** What the header is called, as sources include it. */
export const stateHeaderFile = 'pep_state.h'

/**
 * The header with the macros that give functions the state of their module: C99 and C++11, for every level of the
 * Limited API from 3.5 on, for abi3t and for builds without it. It is the same for all modules.
 */
export const stateHeader: string = `${stateLookup.trimStart()}${stateModule}${stateFunctions}`
