typedef PyTypeObject *OWN;
