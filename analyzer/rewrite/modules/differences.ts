import type { Sources } from '../sources.ts'
import type { StateAccess } from './state-access.ts'
import type { StateMember } from './state-members.ts'

/** What is not as it was in a module that is rewritten, or stays as it was. */
export interface Difference {
  /** In a few words. */
  readonly text: string
  /** Where that is seen; those that are left out stand for more. */
  readonly places: readonly { readonly file: string; readonly offset: number }[]
}

export const difference = (text: string): Difference => ({ text, places: [] })

/** The references that the state does not give back, with the reason, each for all members that it is true of. */
export function lostReferences({ model }: Sources, members: readonly StateMember[]): readonly Difference[] {
  const lost = new Map<string, { readonly names: string[]; readonly places: Difference['places'][number][] }>()
  for (const { name, ownership, isModule } of members) {
    if (ownership.owns || isModule) continue
    const { doubt } = ownership
    const why = doubt?.text ?? ''
    const found = lost.get(why) ?? { names: [], places: [] }
    lost.set(why, found)
    found.names.push(`\`${name}\``)
    if (doubt) found.places.push({ file: model.files[doubt.use.file]!.file, offset: doubt.use.offset })
  }
  return [...lost].map(([why, { names, places }]) => {
    const verb = names.length === 1 ? 'points' : 'point'
    const text = `nobody gives back what ${names.join(', ')} ${verb} to`
    return { text: why === '' ? text : `${text}: ${why}`, places }
  })
}

/** The assertions that go. */
export function lostAssertions({ asserts }: StateAccess): readonly Difference[] {
  const names = [...new Set(asserts.map(({ around }) => `\`${around.name}\``))]
  const verb = names.length === 1 ? 'asserts' : 'assert'
  return names.length === 0 ? [] : [difference(`what ${names.join(', ')} ${verb} of objects of the module goes`)]
}
