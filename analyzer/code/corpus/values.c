int values(struct item *self, size_t n, Spam *spam, int (*visit)(PyObject *, void *), const char *names[])
{
    a;
    a + b * c - d / e % f;
    a << 2 | b >> 3 & c ^ ~d;
    a < b && c <= d || e > f && !g;
    a == b != c >= d;
    a = b = c;
    a += 1, b -= 2, c *= 3, d /= 4, e %= 5, f <<= 6, g >>= 7, h &= 8, i |= 9, j ^= 10;
    a ? b : c ? d : e;
    a ?: b;
    (a);
    ((a + b)) * c;
    -a + +b - -c;
    !a, ~b, *c, &d;
    **a = *b++;
    ++a, --b, c++, d--;
    -a->b;
    *self->items[n]->next.count++;
    &self->items[n];
    (*visit)(arg, NULL);
    self->visit(self, 1)(2)[3].a->b();
    sizeof(int), sizeof(Spam), sizeof a, sizeof(a) * 2, sizeof *spam, sizeof(*spam), sizeof(struct item);
    (int)a, (PyObject *)self, (Spam)n, (unsigned char)c, (const char *const *)names, (size_t)-1, (void (*)(int))f;
    (Spam *)(PyObject *)self->a;
    ((Spam *)self)->a;
    (a)(b);
    (a) - b;
    (a) * b;
    (size_t)(a) + 1;
    (PyObject *)&Spam_Type;
    (struct item){1, .b = 2, [3] = 4};
    (int[]){1, 2};
    1, 1.5e-3f, 0x1FuLL, 'c', '\'', L'x', "s", "a" "b" "c\"d", "%" PRId64 "x", u8"x";
    f(a, (b, c), g(h)), f();
    f(int, struct item, Spam *);
    offsetof(Spam, items), offsetof(struct item, a.b);
    Py_TYPE(self) = &T;
    a ? (b, c) : (d);
    ({ int x = f(); x + 1; });
    if (a) b; else c;
    self->a.b->c = 1;
    "text"[0];
    PyErr_Format(PyExc_TypeError, "%s "
                 "%d", name /* what */, n);
    name##_Type.x;
    return (a, b);
}
