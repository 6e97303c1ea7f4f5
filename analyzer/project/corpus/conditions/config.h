#ifndef CONFIG_H
#define CONFIG_H
#define WANT_X 1
#define WIDTH 8
#define LEVEL(n) ((n) * 8 + 1)
#define WIDTH_OF WIDTH
#ifdef CONFIG_H_2
int never;
#endif
#endif
