import { similar } from '../analyzer/knowledge/similar.ts'

/** What was perhaps meant by a name that is not known, to go behind a complaint; empty where nothing is like it. */
export const didYouMean = (name: string, known: Iterable<string>): string => {
  const near = similar(name, known)
  return near.length > 0 ? `; did you mean ${near.join(', ')}?` : ''
}
