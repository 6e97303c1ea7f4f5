static int before(void) { return 1; }
int declared;
int unended(void) {
    "no end
    f(1);
    /* no end
