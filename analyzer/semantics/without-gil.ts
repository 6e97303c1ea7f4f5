import type { Target } from '../knowledge/target.ts'
import type { ProjectModel } from '../project/model.ts'
import { compiledAt } from './calls.ts'

/** Whether a project is for Pythons without a GIL, by its target or as its modules say. */
export const runsWithoutGil = (model: ProjectModel, target: Target): boolean => target.abi3t || saysWithoutGil(model)

/** Whether a module of the project says that it needs no GIL: without that Python turns the GIL on. */
export const saysWithoutGil = (model: ProjectModel): boolean =>
  [...model.project.filesWith('Py_MOD_GIL_NOT_USED')].some((file) =>
    model.project
      .code(file)
      .references('Py_MOD_GIL_NOT_USED')
      .some((offset) => compiledAt(model, file, offset) !== 'no'),
  )
