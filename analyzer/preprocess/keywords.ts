/** Names that are no names of functions, variables or macros, in C or in C++. */
export const keywords = new Set(
  `auto break case char const continue default do double else enum extern float for goto if inline int long register
  restrict return short signed sizeof static struct switch typedef union unsigned void volatile while _Bool
  _Complex class namespace template typename public private protected using virtual operator new delete try catch
  throw bool explicit friend mutable constexpr nullptr true false this wchar_t size_t override final noexcept
  decltype typeof __typeof __typeof__ asm __asm__ and or not xor co_await co_return co_yield requires concept
  alignas alignof static_assert thread_local`.split(/\s+/),
)
/** Keywords that begin or continue a type or a declaration. */
export const declaring = new Set(
  `char double enum float int long short signed struct union unsigned void _Bool static extern inline register
  typedef class bool wchar_t virtual`.split(/\s+/),
)
/** Keywords of which a type is made. */
export const typeWords = new Set(
  `char double enum float int long short signed struct union unsigned void const _Bool bool wchar_t`.split(/\s+/),
)
