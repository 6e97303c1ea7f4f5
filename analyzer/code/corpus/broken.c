static int parentheses(int a)
{
    if a) b;
    for (i = 0; i < 3) c;
    while () d;
    switch {}
    do e; until (f);
    else g();
    case 3 h;
    goto;
    return
}
static int values(int a)
{
    x = ;
    y + ;
    * / z;
    f(, a);
    a.;
    a->3;
    a[];
    (int);
    (T *);
    sizeof;
    a ? b;
    a ? : c;
    a b c;
    "s" a;
    1 2;
    , d;
    @ $;
    struct;
    int;
    int 3;
    {1, 2};
    f(a) g(b);
    (a)(b)(c) d;
}
static int after(void) { return 1; }
int = 3;
struct { int a; }
static broken_initialiser[] = {1 2, .a, .b =, [3], = 4, {}, , 5};
