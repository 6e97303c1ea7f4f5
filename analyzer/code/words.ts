/** Words and signs of C and C++ that several readers ask for. */

/** A set of words that are written with blanks between them. */
export const wordSet = (words: string): ReadonlySet<string> => new Set(words.split(' '))

export const openingBrackets = wordSet('( [ {')
export const closingBrackets = wordSet(') ] }')

/** What ends a statement, and what begins and ends a block. */
export const statementBounds = wordSet('; { }')

/** Words before the tag of a struct and the like. */
export const tagWords = wordSet('struct union enum class')

/** Words that say more of a type or a pointer, and are no part of what we call its type; `&` of references, too. */
export const qualifiers = wordSet('const volatile restrict __restrict __restrict__ & &&')
