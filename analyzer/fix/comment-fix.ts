import type { FileFix, Rewrite } from './fix.ts'

/** A fix that changes nothing but a comment that is addressed to abi3lint. @param rewrites an empty one deletes */
export const commentFix = (title: string, rewrites: readonly Rewrite[]): FileFix => ({
  kind: 'file',
  title,
  safety: 'safe',
  reason: '',
  rewrites,
  includes: [],
  shims: [],
  isOfComments: true,
})
