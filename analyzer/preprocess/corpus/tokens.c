a+b-c*d/e%f^g&h|i~j!k
a+=b-=c*=d/=e%=f^=g&=h|=i==j!=k<=l>=m<<n>>o<<=p>>=q&&r||s++t--u->v.w::x##y...z
1 1.5 .5 1e5 1E-5 1e+5f 0x1F 0x1p-3 1'000 1u 1UL a1 1a .a 1.a 1..2 5.e1 0b101 1_km
"a" 'b' "\"" '\'' "\\" u8"c" L"d" L'e' u'f' U'g' u8'h' R"(raw "x")" u8R"x(raw )" )x" LR"(y)" R"unended
"unended
'unended
a // comment
b /* comment */ c /* two
lines */ d // continued \
still
e\
f "g\
h" i \
 j /**/ k /* * / */ l
$ $a a$ @ ` é naïve
#define A 1 // c
#define B(x, y) \
    x \
    y /* more
    */ z
  #  if A /* c */ && B
# else
#endif
%:define C
a #define not
/* c */ #define D
#
#error don't "
#define E "(
#include <a/b.h>
#include "c.h"
}]){[(;,?:
/* a long comment of which a parser that is lost would make much more than it is worth, so it is left out */
"a long string that is as bad as a long comment, since every character of it is a token for the parser to try"
// the same for a long comment of one line, with "a string" in it, which goes on and on and on and on and on
