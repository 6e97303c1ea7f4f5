#ifdef GIVEN
int given;
#else
int not_given;
#endif
